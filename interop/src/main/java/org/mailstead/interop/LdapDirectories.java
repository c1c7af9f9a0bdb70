package org.mailstead.interop;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailstead.core.directory.ConnectedDirectories;
import org.mailstead.core.directory.ConnectedDirectory;
import org.mailstead.core.directory.DirectoryId;
import org.mailstead.core.directory.DirectoryProblem;

/// Every configured directory. Nothing is connected before it is needed.
public final class LdapDirectories implements ConnectedDirectories, AutoCloseable {
  private final Map<DirectoryId, LdapDirectory> byId = new LinkedHashMap<>();

  public LdapDirectories(List<LdapDirectorySettings> all) {
    for (LdapDirectorySettings settings : all) {
      byId.put(settings.directory().id(), new LdapDirectory(settings));
    }
  }

  Optional<LdapDirectory> directory(DirectoryId id) {
    return Optional.ofNullable(byId.get(id));
  }

  @Override
  public Optional<ConnectedDirectory> find(DirectoryId directory) {
    return directory(directory).map(found -> found.settings().directory());
  }

  @Override
  public List<ConnectedDirectory> all() {
    return byId.values().stream().map(found -> found.settings().directory()).toList();
  }

  @Override
  public Optional<DirectoryProblem> problem(DirectoryId directory) {
    return directory(directory).flatMap(LdapDirectory::problem);
  }

  @Override
  public void close() {
    byId.values().forEach(LdapDirectory::close);
  }
}
