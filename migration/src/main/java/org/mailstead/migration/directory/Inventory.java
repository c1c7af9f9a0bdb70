package org.mailstead.migration.directory;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// What an organization consists of besides its mail (MIG-7): written as JSON before anything
/// moves, compared later, made again elsewhere. People and groups are named by address where they
/// have one, so that another organization understands it.
///
/// @param problems what could not be read, each with its reason
public record Inventory(
    String at,
    String organization,
    List<String> domains,
    List<User> users,
    List<Group> groups,
    List<Resource> resources,
    List<String> problems) {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /// @param name the login name
  /// @param email empty for a user without a mailbox
  /// @param sizeMegabytes of the mailbox, -1 if unknown
  /// @param permissions on this mailbox
  public record User(
      String name,
      String displayName,
      String firstName,
      String lastName,
      String email,
      String role,
      List<String> aliases,
      double sizeMegabytes,
      long quotaMegabytes,
      List<Permission> permissions) {}

  /// @param members addresses, or names of those without one
  public record Group(
      String name,
      String email,
      boolean hidden,
      List<String> aliases,
      List<String> members,
      List<Permission> permissions) {}

  /// @param delegates who decides on requests
  public record Resource(
      String name,
      String type,
      String email,
      String description,
      List<String> aliases,
      List<String> delegates) {}

  /// @param values FULL_ACCESS, SEND_AS, SEND_ON_BEHALF
  public record Permission(String grantee, List<String> values) {}

  public void write(Path file) throws IOException {
    Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this));
  }

  /// @throws IOException it is no inventory
  public static Inventory read(Path file) throws IOException {
    try {
      return JSON.readValue(Files.readString(file), Inventory.class);
    } catch (JacksonException e) {
      throw new IOException(file + " is no inventory: " + e.getOriginalMessage(), e);
    }
  }

  /// Lines for a person.
  public String text() {
    long mailboxes = users.stream().filter(u -> !u.email().isEmpty()).count();
    double megabytes = users.stream().mapToDouble(u -> Math.max(0, u.sizeMegabytes())).sum();
    StringBuilder out = new StringBuilder();
    out.append(
        "%s: %d domains, %d users (%d mailboxes, %.0f MB), %d aliases, %d groups, %d resources%n"
            .formatted(
                organization,
                domains.size(),
                users.size(),
                mailboxes,
                megabytes,
                users.stream().mapToInt(u -> u.aliases().size()).sum()
                    + groups.stream().mapToInt(g -> g.aliases().size()).sum(),
                groups.size(),
                resources.size()));
    for (String problem : problems) out.append("PROBLEM: ").append(problem).append('\n');
    return out.toString();
  }
}
