package org.mailstead.server;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mailstead.base.EmailAddress;
import org.mailstead.base.MalformedException;
import org.mailstead.base.OrganizationId;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;
import org.mailstead.core.access.TokenCredentials;
import org.mailstead.core.directory.AccountId;
import org.mailstead.core.directory.Change;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Listing;
import org.mailstead.core.directory.Lookups.LoginUser;
import org.mailstead.core.directory.Organization;
import org.mailstead.core.directory.PersonalAccessToken;
import org.mailstead.server.control.ControlServer.Word;
import tools.jackson.databind.JsonNode;

/// What the machine's operator may do to organizations and their users: `mailstead organization …`
/// and `mailstead token …`, over the control socket or on a folder that no service uses. Each is
/// audited as made by the service itself.
public final class AccountWords {
  private final Domain domain;
  private final Directory directory;

  public AccountWords(Domain domain) {
    this.domain = domain;
    this.directory = domain.directory();
  }

  public Map<String, Word> words() {
    Map<String, Word> words = new LinkedHashMap<>();
    words.put("organization-list", (_, _) -> organizations());
    words.put("organization-users-max", (request, _) -> usersMax(request));
    words.put("organization-delete", (request, _) -> delete(request));
    words.put("administrator-list", (request, _) -> administrators(request));
    words.put("administrator-add", (request, _) -> addAdministrator(request));
    words.put("administrator-remove", (request, _) -> removeAdministrator(request));
    words.put("token-create", (request, _) -> createToken(request));
    words.put("token-list", (request, _) -> tokens(request));
    words.put("token-delete", (request, _) -> deleteToken(request));
    return words;
  }

  private List<String> organizations() {
    List<String> lines = new ArrayList<>();
    for (Organization organization : all()) {
      lines.add(
          organization.id()
              + " "
              + organization.alias()
              + " "
              + organization.state().text()
              + organization.errorMessage().map(text -> ": " + text).orElse(""));
    }
    return lines;
  }

  private List<Organization> all() {
    List<Organization> found = new ArrayList<>();
    for (AccountId account : directory.accounts().accounts()) {
      Optional<String> next = Optional.empty();
      do {
        Listing<Organization> page =
            directory
                .organizations()
                .list(account, new Listing.PageRequest(Listing.PageRequest.COUNT_MAX, next));
        found.addAll(page.items());
        next = page.nextToken();
      } while (next.isPresent());
    }
    return found;
  }

  /// By alias or id; deleted ones by id only.
  private Organization organization(JsonNode request) {
    String text = request.path("organization").asString("");
    return all().stream()
        .filter(each ->
            each.id().value().equals(text)
                || (each.alias().equalsIgnoreCase(text)
                    && each.state() != org.mailstead.core.directory.OrganizationState.DELETED))
        .findFirst()
        .orElseThrow(
            () -> new RefusedException(Refusal.NOT_FOUND, "there is no organization " + text));
  }

  private Change change(Organization organization, String name) {
    return FirstRun.change(domain, organization.account(), name, "mailstead");
  }

  private String usersMax(JsonNode request) {
    Organization organization = organization(request);
    long users = request.path("users").asLong(0);
    directory
        .organizations()
        .updateUsersMax(change(organization, "UpdateUserLimit"), organization.id(), users);
    return organization.alias() + " may have " + users + " users";
  }

  /// ORG-5: the name again, because nothing brings the mail back.
  private String delete(JsonNode request) {
    Organization organization = organization(request);
    if (!request.path("confirm").asString("").equals(organization.alias())) {
      throw new RefusedException(
          Refusal.INVALID,
          "deleting "
              + organization.alias()
              + " removes all its mail for good: confirm with its alias");
    }
    Organization deleted =
        directory
            .organizations()
            .delete(
                change(organization, "DeleteOrganization"),
                organization.id(),
                request.path("deleteDirectory").asBoolean(false),
                request.path("force").asBoolean(false));
    return organization.alias() + " is in state " + deleted.state().text();
  }

  private List<String> administrators(JsonNode request) {
    return directory.organizationAdministrators().list(organization(request).id()).stream()
        .map(user ->
            user.email().map(EmailAddress::toString).orElse(user.name()) + " " + user.state())
        .toList();
  }

  private String addAdministrator(JsonNode request) {
    Organization organization = organization(request);
    String user = request.path("user").asString("");
    directory
        .organizationAdministrators()
        .add(change(organization, "AddOrganizationAdministrator"), organization.id(), user);
    return user + " looks after " + organization.alias();
  }

  private String removeAdministrator(JsonNode request) {
    Organization organization = organization(request);
    String user = request.path("user").asString("");
    directory
        .organizationAdministrators()
        .remove(change(organization, "RemoveOrganizationAdministrator"), organization.id(), user);
    return user + " does not look after " + organization.alias() + " any more";
  }

  private LoginUser user(JsonNode request) {
    String address = request.path("address").asString("");
    try {
      return directory
          .lookups()
          .findLogin(EmailAddress.parse(address))
          .orElseThrow(
              () -> new RefusedException(Refusal.NOT_FOUND, "there is no user " + address));
    } catch (MalformedException e) {
      throw new RefusedException(Refusal.INVALID, "not an email address: " + address);
    }
  }

  private Change change(OrganizationId organization, String name) {
    return change(directory.organizations().load(organization), name);
  }

  private Map<String, String> createToken(JsonNode request) {
    LoginUser user = user(request);
    long days = request.path("days").asLong(0);
    List<String> scopes = new ArrayList<>();
    for (JsonNode scope : request.path("scopes")) {
      if (!TokenCredentials.SCOPES.contains(scope.asString(""))) {
        throw new RefusedException(
            Refusal.INVALID, "scopes are " + String.join(", ", TokenCredentials.SCOPES));
      }
      scopes.add(scope.asString(""));
    }
    PersonalAccessToken.WithSecret made =
        directory
            .personalAccessTokens()
            .create(
                change(user.organization(), "CreatePersonalAccessToken"),
                user.organization(),
                user.user().id().value(),
                request.path("name").asString(""),
                days == 0 ? Optional.empty() : Optional.of(Math.toIntExact(days)),
                scopes.isEmpty() ? TokenCredentials.SCOPES : scopes,
                Optional.empty());
    Map<String, String> shown = new LinkedHashMap<>();
    shown.put("id", made.token().id());
    shown.put("token", made.secret());
    shown.put("expires", made.token().expires().toString());
    return shown;
  }

  private List<String> tokens(JsonNode request) {
    LoginUser user = user(request);
    return directory
        .personalAccessTokens()
        .list(
            user.organization(), Optional.of(user.user().id().value()), Listing.PageRequest.first())
        .items()
        .stream()
        .map(token ->
            token.id()
                + " "
                + token.name()
                + ", expires "
                + token.expires()
                + ", last used "
                + token.lastUsed().map(Object::toString).orElse("never")
                + ", for "
                + String.join(" ", token.scopes()))
        .toList();
  }

  private String deleteToken(JsonNode request) {
    LoginUser user = user(request);
    String id = request.path("id").asString("");
    PersonalAccessToken token = directory.personalAccessTokens().load(user.organization(), id);
    if (!token.user().equals(user.user().id())) {
      throw new RefusedException(Refusal.NOT_FOUND, "the user has no such token");
    }
    directory
        .personalAccessTokens()
        .delete(change(user.organization(), "DeletePersonalAccessToken"), user.organization(), id);
    return "deleted " + id;
  }
}
