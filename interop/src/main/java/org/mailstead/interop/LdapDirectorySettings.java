package org.mailstead.interop;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.mailstead.core.directory.ConnectedDirectory;
import org.mailstead.core.directory.DirectoryKind;

/// A configured directory and how to talk to it.
///
/// @param urls in order of preference; the next one is asked when one does not answer
/// @param isPlaintextAllowed without TLS towards a loopback address; elsewhere never
/// @param baseDns where users and groups lie
/// @param bindPassword read anew for each bind, so that it can be changed in its file
/// @param caFile PEM file with the authorities that are trusted; empty: those of the Java runtime
/// @param attributes for what is not here, the usual one of the kind
/// @param deletionsPercentMax more of the users or groups are not deleted without force
/// @param pageEntries entries of one page (RFC 2696)
public record LdapDirectorySettings(
    ConnectedDirectory directory,
    List<LdapUrl> urls,
    boolean isPlaintextAllowed,
    List<String> baseDns,
    String bindDn,
    Supplier<String> bindPassword,
    Optional<Path> caFile,
    Optional<String> userFilter,
    Optional<String> groupFilter,
    Map<MappedAttribute, String> attributes,
    Duration interval,
    int deletionsPercentMax,
    int pageEntries,
    Duration connectTimeout,
    Duration answerTimeout) {
  public static final Duration INTERVAL_USUAL = Duration.ofHours(4);
  public static final int DELETIONS_PERCENT_USUAL = 20;
  public static final int PAGE_ENTRIES_USUAL = 500;

  public LdapDirectorySettings {
    urls = List.copyOf(urls);
    baseDns = List.copyOf(baseDns);
    attributes = Map.copyOf(attributes);
    if (urls.isEmpty()) throw new IllegalArgumentException("no URL");
    if (baseDns.isEmpty()) throw new IllegalArgumentException("no base DN");
    if (bindDn.isBlank()) throw new IllegalArgumentException("no bind DN");
    for (LdapUrl url : urls) {
      if (isPlaintextAllowed && !url.isLoopback()) {
        throw new IllegalArgumentException("without TLS only to a loopback address, not to " + url);
      }
    }
    if (pageEntries < 1 || pageEntries > 1000) {
      throw new IllegalArgumentException("a page has 1 to 1000 entries");
    }
    if (deletionsPercentMax < 1 || deletionsPercentMax > 100) {
      throw new IllegalArgumentException("the share of deletions is 1 to 100 percent");
    }
  }

  /// With everything else as usual.
  public static LdapDirectorySettings of(
      ConnectedDirectory directory,
      List<LdapUrl> urls,
      List<String> baseDns,
      String bindDn,
      Supplier<String> bindPassword,
      Optional<Path> caFile) {
    return new LdapDirectorySettings(
        directory,
        urls,
        false,
        baseDns,
        bindDn,
        bindPassword,
        caFile,
        Optional.empty(),
        Optional.empty(),
        Map.of(),
        INTERVAL_USUAL,
        DELETIONS_PERCENT_USUAL,
        PAGE_ENTRIES_USUAL,
        Duration.ofSeconds(5),
        Duration.ofSeconds(30));
  }

  boolean isActiveDirectory() {
    return directory.kind() == DirectoryKind.ACTIVE_DIRECTORY;
  }

  String attribute(MappedAttribute attribute) {
    String own = attributes.get(attribute);
    return own == null ? attribute.usual(isActiveDirectory()) : own;
  }

  /// 805306368 is SAM_NORMAL_USER_ACCOUNT (MS-SAMR §2.2.1.9): people and services, no computers.
  String usersFilter() {
    return userFilter.orElse(
        isActiveDirectory()
            ? "(sAMAccountType=805306368)"
            : "(|(objectClass=inetOrgPerson)(objectClass=posixAccount))");
  }

  String groupsFilter() {
    return groupFilter.orElse(
        isActiveDirectory()
            ? "(objectClass=group)"
            : "(|(objectClass=groupOfNames)(objectClass=groupOfUniqueNames)(objectClass=posixGroup))");
  }

  /// What makes earlier results incomparable when it changes.
  String scope() {
    var all = new EnumMap<MappedAttribute, String>(MappedAttribute.class);
    for (MappedAttribute attribute : MappedAttribute.values()) {
      all.put(attribute, attribute(attribute));
    }
    return baseDns + " " + usersFilter() + " " + groupsFilter() + " " + all;
  }

  @Override
  public String toString() {
    return "LdapDirectorySettings[" + directory.id() + "]";
  }
}
