package org.mailstead.core.directory;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.mailstead.base.MalformedException;
import org.mailstead.core.audit.AuditLog;
import org.mailstead.core.authorization.ManagedPolicies;
import org.mailstead.core.authorization.PolicyDocument;
import org.mailstead.core.outbox.PartitionChange;
import org.mailstead.core.outbox.ValueReader;
import org.mailstead.core.outbox.ValueWriter;
import org.mailstead.core.outbox.VersionedCache;
import org.mailstead.store.Collection;
import org.mailstead.store.Page;
import org.mailstead.store.PartitionId;
import org.mailstead.store.Range;
import org.mailstead.store.Row;

/// The administrators of an account, their groups, and the policies attached to either (API-4), in
/// `account/A`. Nobody here has a mailbox: these are the names that access keys belong to.
///
/// Everything is read at once and kept until the partition changes: an account has at most
/// [DirectoryLimits#ADMINISTRATORS_MAX] of each. Names are compared without regard to case, as
/// IAM's are, and kept as they were given.
public final class Administrators {
  private static final Collection USERS = new Collection(6, "administrators");
  private static final Collection GROUPS = new Collection(7, "administrator groups");
  private static final Collection POLICIES = new Collection(8, "policies");
  private static final int FORMAT = 1;
  private static final int PART_BYTES = 3_500;
  private static final int ROWS_MAX = 1_000;
  private static final Pattern NAME = Pattern.compile("[\\w+=,.@-]{1,64}");
  private static final Pattern POLICY_NAME = Pattern.compile("[\\w+=,.@-]{1,128}");

  private final Parts parts;
  private final VersionedCache<String, View> views;

  /// @param groups names of groups
  /// @param policies names of attached policies, of ours or of [ManagedPolicies]
  public record Administrator(
      String name, Instant created, SortedSet<String> groups, SortedSet<String> policies) {
    /// As ARNs name users of an account.
    public String arn(AccountId account) {
      return "arn:aws:iam::" + account + ":user/" + name;
    }
  }

  public record Group(String name, Instant created, SortedSet<String> policies) {}

  /// A policy of the account's own.
  public record Policy(String name, Instant changed, PolicyDocument document) {
    public String arn(AccountId account) {
      return "arn:aws:iam::" + account + ":policy/" + name;
    }
  }

  private record View(
      SortedMap<String, Administrator> users,
      SortedMap<String, Group> groups,
      SortedMap<String, Policy> policies) {}

  Administrators(Parts parts) {
    this.parts = parts;
    this.views = new VersionedCache<>(parts.commits().versions(), 10_000);
  }

  public List<Administrator> users(AccountId account) {
    return List.copyOf(view(account).users.values());
  }

  public Optional<Administrator> findUser(AccountId account, String name) {
    return Optional.ofNullable(view(account).users.get(fold(name)));
  }

  public List<Group> groups(AccountId account) {
    return List.copyOf(view(account).groups.values());
  }

  /// The account's own policies; [ManagedPolicies] are there too.
  public List<Policy> policies(AccountId account) {
    return List.copyOf(view(account).policies.values());
  }

  /// Every policy that counts for a user: its own and those of its groups. Cached: cheap enough for
  /// every request. A user that does not exist has none.
  public List<PolicyDocument> policiesOf(AccountId account, String user) {
    View view = view(account);
    Administrator found = view.users.get(fold(user));
    if (found == null) return List.of();
    Set<String> names = new TreeSet<>(found.policies);
    for (String group : found.groups) {
      Optional.ofNullable(view.groups.get(fold(group))).ifPresent(g -> names.addAll(g.policies));
    }
    List<PolicyDocument> documents = new ArrayList<>();
    for (String name : names) {
      Optional<PolicyDocument> document =
          Optional.ofNullable(view.policies.get(fold(name)))
              .map(Policy::document)
              .or(() -> ManagedPolicies.find(name));
      // A missing one could have denied something: nothing may be allowed without it.
      documents.add(
          document.orElseThrow(
              () -> new IllegalStateException("the attached policy " + name + " is missing")));
    }
    return documents;
  }

  /// @throws DirectoryRefusedException ACCOUNT_NOT_FOUND, NAME_AVAILABILITY, LIMIT_EXCEEDED,
  ///   INVALID_PARAMETER
  public void createUser(Change change, AccountId account, String name) {
    checkName(NAME, name, "user");
    edit(
        change,
        account,
        edit -> {
          if (edit.view.users.containsKey(fold(name))) throw taken("user", name);
          checkCount(edit.view.users.size(), "users");
          edit.put(new Administrator(name, now(), new TreeSet<>(), new TreeSet<>()));
          return Map.of("userName", name);
        });
  }

  /// Removes a user with its memberships; its keys must be gone before.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND; ENTITY_STATE: keys are left
  public void deleteUser(Change change, AccountId account, String name) {
    edit(
        change,
        account,
        edit -> {
          Administrator user = edit.user(name);
          boolean hasKeys =
              edit.commit.range(Accounts.KEYS, Range.all(), ROWS_MAX).rows().stream()
                  .map(row -> Accounts.userName(row.value()))
                  .anyMatch(owner -> owner.filter(o -> fold(o).equals(fold(name))).isPresent());
          if (hasKeys) {
            throw new DirectoryRefusedException(
                DirectoryRefusal.ENTITY_STATE, "The user has access keys: delete them first.");
          }
          edit.commit.delete(USERS, key(user.name));
          return Map.of();
        });
  }

  /// @throws DirectoryRefusedException as [#createUser]
  public void createGroup(Change change, AccountId account, String name) {
    checkName(NAME, name, "group");
    edit(
        change,
        account,
        edit -> {
          if (edit.view.groups.containsKey(fold(name))) throw taken("group", name);
          checkCount(edit.view.groups.size(), "groups");
          edit.put(new Group(name, now(), new TreeSet<>()));
          return Map.of("groupName", name);
        });
  }

  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND; ENTITY_STATE: it has members
  public void deleteGroup(Change change, AccountId account, String name) {
    edit(
        change,
        account,
        edit -> {
          Group group = edit.group(name);
          if (edit.view.users.values().stream().anyMatch(u -> u.groups.contains(group.name))) {
            throw new DirectoryRefusedException(
                DirectoryRefusal.ENTITY_STATE, "The group has members: remove them first.");
          }
          edit.commit.delete(GROUPS, key(group.name));
          return Map.of();
        });
  }

  /// Adds a user to a group, or takes it out; harmless when that is so already.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, LIMIT_EXCEEDED
  public void member(
      Change change, AccountId account, String groupName, String userName, boolean isMember) {
    edit(
        change,
        account,
        edit -> {
          Group group = edit.group(groupName);
          Administrator user = edit.user(userName);
          SortedSet<String> groups = with(user.groups, group.name, isMember, "groups of a user");
          edit.put(new Administrator(user.name, user.created, groups, user.policies));
          return Map.of();
        });
  }

  /// Makes a policy or replaces it; what it is attached to follows at once.
  ///
  /// @throws DirectoryRefusedException INVALID_PARAMETER with the cause, RESERVED_NAME,
  ///   LIMIT_EXCEEDED
  public void putPolicy(Change change, AccountId account, String name, String text) {
    checkName(POLICY_NAME, name, "policy");
    if (ManagedPolicies.find(name).isPresent()) {
      throw new DirectoryRefusedException(
          DirectoryRefusal.RESERVED_NAME, "The policy " + name + " is built in.");
    }
    PolicyDocument document;
    try {
      document = PolicyDocument.parse(text);
    } catch (MalformedException e) {
      throw Texts.invalid("The policy is not valid: " + e.getMessage() + ".");
    }
    edit(
        change,
        account,
        edit -> {
          Policy known = edit.view.policies.get(fold(name));
          if (known == null) checkCount(edit.view.policies.size(), "policies");
          edit.put(new Policy(known == null ? name : known.name, now(), document));
          return Map.of("policyName", name);
        });
  }

  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND; ENTITY_STATE: it is attached
  public void deletePolicy(Change change, AccountId account, String name) {
    edit(
        change,
        account,
        edit -> {
          Policy policy = edit.view.policies.get(fold(name));
          if (policy == null) throw missing("policy", name);
          boolean attached =
              edit.view.users.values().stream().anyMatch(u -> u.policies.contains(policy.name))
                  || edit.view.groups.values().stream()
                      .anyMatch(g -> g.policies.contains(policy.name));
          if (attached) {
            throw new DirectoryRefusedException(
                DirectoryRefusal.ENTITY_STATE, "The policy is attached: detach it first.");
          }
          edit.deletePolicy(policy.name);
          return Map.of();
        });
  }

  /// Attaches a policy to a user, or detaches it; harmless when that is so already.
  ///
  /// @throws DirectoryRefusedException ENTITY_NOT_FOUND, LIMIT_EXCEEDED
  public void userPolicy(
      Change change, AccountId account, String userName, String policy, boolean attached) {
    edit(
        change,
        account,
        edit -> {
          Administrator user = edit.user(userName);
          SortedSet<String> policies =
              with(user.policies, edit.policyName(policy), attached, "policies of a user");
          edit.put(new Administrator(user.name, user.created, user.groups, policies));
          return Map.of();
        });
  }

  /// The same for a group.
  public void groupPolicy(
      Change change, AccountId account, String groupName, String policy, boolean attached) {
    edit(
        change,
        account,
        edit -> {
          Group group = edit.group(groupName);
          SortedSet<String> policies =
              with(group.policies, edit.policyName(policy), attached, "policies of a group");
          edit.put(new Group(group.name, group.created, policies));
          return Map.of();
        });
  }

  /// In the commit that makes a key.
  ///
  /// @return the name as the user has it
  static String checkUser(PartitionChange commit, String name) {
    return Optional.ofNullable(read(pages(commit)).users.get(fold(name)))
        .map(Administrator::name)
        .orElseThrow(() -> missing("user", name));
  }

  private void edit(Change change, AccountId account, Function<Edit, Map<String, String>> decide) {
    parts
        .outbox()
        .change(
            Accounts.partition(account),
            commit -> {
              Accounts.checkExists(commit);
              Map<String, String> answer = decide.apply(new Edit(commit));
              AuditLog.add(commit, Accounts.scope(account), change.entry().answered(answer));
              return true;
            });
  }

  /// One attempt at a change, with what was there before it.
  private static final class Edit {
    final PartitionChange commit;
    final View view;

    Edit(PartitionChange commit) {
      this.commit = commit;
      this.view = read(pages(commit));
    }

    Administrator user(String name) {
      return Optional.ofNullable(view.users.get(fold(name)))
          .orElseThrow(() -> missing("user", name));
    }

    Group group(String name) {
      return Optional.ofNullable(view.groups.get(fold(name)))
          .orElseThrow(() -> missing("group", name));
    }

    /// As the policy has it; ARNs are taken too.
    String policyName(String text) {
      if (ManagedPolicies.find(text).isPresent()) {
        return text.startsWith(ManagedPolicies.ARN_PREFIX)
            ? text.substring(ManagedPolicies.ARN_PREFIX.length())
            : text;
      }
      String name = text.substring(text.lastIndexOf('/') + 1);
      return Optional.ofNullable(view.policies.get(fold(name)))
          .map(Policy::name)
          .orElseThrow(() -> missing("policy", name));
    }

    void put(Administrator user) {
      var row = new ValueWriter(FORMAT).text(user.name).time(user.created);
      commit.put(USERS, key(user.name), texts(texts(row, user.groups), user.policies).value());
    }

    void put(Group group) {
      var row = new ValueWriter(FORMAT).text(group.name).time(group.created);
      commit.put(GROUPS, key(group.name), texts(row, group.policies).value());
    }

    void put(Policy policy) {
      byte[] value =
          new ValueWriter(FORMAT)
              .text(policy.name)
              .time(policy.changed)
              .text(policy.document.text())
              .value();
      int count = (value.length + PART_BYTES - 1) / PART_BYTES;
      deletePolicy(policy.name);
      for (int i = 0; i < count; i++) {
        int end = Math.min(value.length, (i + 1) * PART_BYTES);
        commit.put(POLICIES, part(policy.name, i), Arrays.copyOfRange(value, i * PART_BYTES, end));
      }
    }

    void deletePolicy(String name) {
      byte[] prefix = part(name, 0);
      Range all = Range.prefix(Arrays.copyOf(prefix, prefix.length - 1));
      commit.range(POLICIES, all, 64).rows().forEach(row -> commit.delete(POLICIES, row.key()));
    }
  }

  private View view(AccountId account) {
    PartitionId partition = Accounts.partition(account);
    return views.get(
        partition,
        "",
        () -> {
          while (true) {
            long version = parts.store().version(partition);
            View view =
                read(collection ->
                    rows(range -> parts.store().range(partition, collection, range, ROWS_MAX)));
            if (parts.store().version(partition) == version) return view;
          }
        });
  }

  private static Function<Collection, List<Row>> pages(PartitionChange commit) {
    return collection -> rows(range -> commit.range(collection, range, ROWS_MAX));
  }

  private static List<Row> rows(Function<Range, Page> pages) {
    List<Row> rows = new ArrayList<>();
    Optional<Range> next = Optional.of(Range.all());
    while (next.isPresent()) {
      Page page = pages.apply(next.get());
      rows.addAll(page.rows());
      next = page.next();
    }
    return rows;
  }

  private static View read(Function<Collection, List<Row>> rows) {
    var users = new TreeMap<String, Administrator>();
    for (Row row : rows.apply(USERS)) {
      var in = new ValueReader(row.value(), FORMAT);
      var user = new Administrator(in.text(), in.time(), texts(in), texts(in));
      users.put(fold(user.name), user);
    }
    var groups = new TreeMap<String, Group>();
    for (Row row : rows.apply(GROUPS)) {
      var in = new ValueReader(row.value(), FORMAT);
      var group = new Group(in.text(), in.time(), texts(in));
      groups.put(fold(group.name), group);
    }
    var values = new TreeMap<String, ByteArrayOutputStream>();
    for (Row row : rows.apply(POLICIES)) {
      String name = new String(row.key(), 0, row.key().length - 2, StandardCharsets.UTF_8);
      values.computeIfAbsent(name, _ -> new ByteArrayOutputStream()).writeBytes(row.value());
    }
    var policies = new TreeMap<String, Policy>();
    values.forEach((folded, value) -> {
      var in = new ValueReader(value.toByteArray(), FORMAT);
      policies.put(folded, new Policy(in.text(), in.time(), PolicyDocument.parse(in.text())));
    });
    return new View(users, groups, policies);
  }

  private static SortedSet<String> texts(ValueReader in) {
    var texts = new TreeSet<String>();
    for (long count = in.number(); count > 0; count--) texts.add(in.text());
    return texts;
  }

  private static ValueWriter texts(ValueWriter out, SortedSet<String> texts) {
    out.number(texts.size());
    texts.forEach(out::text);
    return out;
  }

  private static SortedSet<String> with(
      SortedSet<String> before, String name, boolean in, String what) {
    var after = new TreeSet<>(before);
    if (in) {
      after.add(name);
    } else {
      after.remove(name);
    }
    if (after.size() > DirectoryLimits.ATTACHED_MAX) {
      throw new DirectoryRefusedException(
          DirectoryRefusal.LIMIT_EXCEEDED,
          "There are at most " + DirectoryLimits.ATTACHED_MAX + " " + what + ".");
    }
    return after;
  }

  private Instant now() {
    return parts.clock().instant();
  }

  private static void checkName(Pattern form, String name, String what) {
    if (!form.matcher(name).matches()) {
      throw Texts.invalid("The name of the " + what + " is not valid.");
    }
  }

  private static void checkCount(int count, String what) {
    if (count >= DirectoryLimits.ADMINISTRATORS_MAX) {
      throw new DirectoryRefusedException(
          DirectoryRefusal.LIMIT_EXCEEDED, "The account has too many " + what + ".");
    }
  }

  private static DirectoryRefusedException taken(String what, String name) {
    return new DirectoryRefusedException(
        DirectoryRefusal.NAME_AVAILABILITY, "The " + what + " " + name + " exists already.");
  }

  private static DirectoryRefusedException missing(String what, String name) {
    return new DirectoryRefusedException(
        DirectoryRefusal.ENTITY_NOT_FOUND, "The " + what + " " + name + " was not found.");
  }

  private static byte[] part(String name, int number) {
    byte[] text = key(name);
    byte[] key = Arrays.copyOf(text, text.length + 2);
    key[text.length + 1] = (byte) number;
    return key;
  }

  private static byte[] key(String name) {
    return EntityRows.utf8(fold(name));
  }

  private static String fold(String name) {
    return name.toLowerCase(java.util.Locale.ROOT);
  }
}
