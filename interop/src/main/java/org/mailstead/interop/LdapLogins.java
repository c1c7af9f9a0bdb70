package org.mailstead.interop;

import com.unboundid.ldap.sdk.BindResult;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPBindException;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.SearchScope;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import com.unboundid.ldap.sdk.controls.PasswordExpiredControl;
import com.unboundid.ldap.sdk.experimental.DraftBeheraLDAPPasswordPolicy10RequestControl;
import com.unboundid.ldap.sdk.experimental.DraftBeheraLDAPPasswordPolicy10ResponseControl;
import com.unboundid.ldap.sdk.experimental.DraftBeheraLDAPPasswordPolicy10WarningType;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.mailstead.base.UnavailableException;
import org.mailstead.core.access.CredentialSource;
import org.mailstead.core.access.LoginLimits;
import org.mailstead.core.access.Protocol;
import org.mailstead.core.directory.Directory;
import org.mailstead.core.directory.Lookups.LoginUser;
import org.mailstead.core.directory.Organization;

/// Logins of users whose organization is on a connected directory: the directory is asked, by a
/// simple bind over TLS as the user's entry (RFC 4513 §5.1.3), whether the password is right. The
/// entry is found by the id that the user was synchronized with, wherever it lies by now; nothing
/// that the peer sends gets into a filter or a name.
///
/// Expired, locked and must-change passwords are refused like wrong ones. When the directory is
/// away, the login is temporarily impossible; what was verified is remembered for as long as
/// [LoginLimits#rememberFor] says.
public final class LdapLogins implements CredentialSource {
  /// MS-ADTS: the extended error of a failed bind, for logs: 52e wrong password, 530 hours, 531
  /// workstation, 532 expired, 533 disabled, 701 account expired, 773 must change, 775 locked.
  private static final Pattern DETAIL = Pattern.compile("\\bdata ([0-9a-fA-F]{1,8})\\b");

  private static final Duration RETRY_AFTER = Duration.ofSeconds(30);

  private final LdapDirectories directories;
  private final Directory directory;
  private final Duration rememberFor;
  private final BiPredicate<LoginUser, Protocol> isPasswordAccepted;

  /// @param isPasswordAccepted whether a user's own password counts for a protocol at all, and not
  ///   only personal access tokens
  public LdapLogins(
      LdapDirectories directories,
      Directory directory,
      LoginLimits limits,
      BiPredicate<LoginUser, Protocol> isPasswordAccepted) {
    this.directories = directories;
    this.directory = directory;
    this.rememberFor = limits.rememberFor();
    this.isPasswordAccepted = isPasswordAccepted;
  }

  @Override
  public boolean allowsPassword(LoginUser user, Protocol protocol) {
    return !directory.imports().isConnected(user.organization());
  }

  @Override
  public Verdict verify(LoginUser user, String secret, Protocol protocol) {
    if (!directory.imports().isConnected(user.organization())) return new NotMine();
    if (!isPasswordAccepted.test(user, protocol)) {
      return wrong("passwords are not accepted for this protocol");
    }
    // RFC 4513 §5.1.2: a bind with a name and no password succeeds and proves nothing.
    if (secret.isEmpty() || secret.length() > LdapLimits.PASSWORD_CHARS_MAX) {
      return wrong("no password, or too long a one");
    }
    Organization organization = directory.organizations().load(user.organization());
    Optional<LdapDirectory> connected = directories.directory(organization.directory());
    if (connected.isEmpty()) {
      return new Unavailable("the directory is not configured any more", RETRY_AFTER);
    }
    Optional<String> id = directory.imports().externalId(user.organization(), user.user().id());
    if (id.isEmpty()) return wrong("not of the directory");
    try {
      Optional<String> dn = find(connected.get(), id.get());
      if (dn.isEmpty()) return wrong("not in the directory any more");
      return bind(connected.get(), dn.get(), secret);
    } catch (UnavailableException e) {
      return new Unavailable(String.valueOf(e.getMessage()), e.retryAfter());
    }
  }

  private static Wrong wrong(String cause) {
    return new Wrong(cause, Optional.empty());
  }

  private static Optional<String> find(LdapDirectory connected, String id) {
    Filter filter = connected.reader().filterOf(id);
    for (String base : connected.settings().baseDns()) {
      var request = new SearchRequest(base, SearchScope.SUB, filter, SearchRequest.NO_ATTRIBUTES);
      request.setSizeLimit(2);
      request.setResponseTimeoutMillis(LdapLimits.LOGIN_WAIT_MAX.toMillis());
      try {
        List<SearchResultEntry> found =
            connected.servers().searches().search(request).getSearchEntries();
        if (found != null && found.size() == 1) return Optional.of(found.getFirst().getDN());
      } catch (LDAPException e) {
        throw LdapServers.away(e);
      }
    }
    return Optional.empty();
  }

  private Verdict bind(LdapDirectory connected, String dn, String secret) {
    var request =
        new SimpleBindRequest(dn, secret, new DraftBeheraLDAPPasswordPolicy10RequestControl());
    request.setResponseTimeoutMillis(LdapLimits.LOGIN_WAIT_MAX.toMillis());
    try {
      BindResult result = connected.servers().logins().bind(request);
      Optional<String> policy = refusedByPolicy(result);
      return policy.isPresent() ? wrong(policy.get()) : new Right(Optional.empty(), rememberFor);
    } catch (LDAPBindException e) {
      return refusal(e);
    } catch (LDAPException e) {
      return isAway(e.getResultCode()) ? unavailable(e) : refusal(e);
    }
  }

  /// The password is right, but the directory wants it changed first: to mail programs, which
  /// cannot change it, that is a refusal.
  private static Optional<String> refusedByPolicy(BindResult result) {
    try {
      var policy = DraftBeheraLDAPPasswordPolicy10ResponseControl.get(result);
      if (policy != null && policy.getErrorType() != null) {
        return Optional.of("password policy: " + policy.getErrorType().getName());
      }
      if (policy != null
          && policy.getWarningType()
              == DraftBeheraLDAPPasswordPolicy10WarningType.GRACE_LOGINS_REMAINING) {
        return Optional.of("password policy: expired, only grace logins left");
      }
      if (PasswordExpiredControl.get(result) != null) {
        return Optional.of("password policy: must be changed");
      }
      return Optional.empty();
    } catch (LDAPException e) {
      return Optional.of("password policy: an answer that is none");
    }
  }

  private static Verdict refusal(LDAPException e) {
    if (isAway(e.getResultCode())) return unavailable(e);
    Matcher detail = DETAIL.matcher(String.valueOf(e.getDiagnosticMessage()));
    String more = detail.find() ? " (data " + detail.group(1) + ")" : "";
    return wrong("the directory refuses: " + e.getResultCode().getName() + more);
  }

  private static Unavailable unavailable(LDAPException e) {
    return new Unavailable(
        "the directory does not answer: " + e.getResultCode().getName(), RETRY_AFTER);
  }

  /// Results that say nothing about the password.
  private static boolean isAway(ResultCode code) {
    return List.of(
            ResultCode.SERVER_DOWN,
            ResultCode.CONNECT_ERROR,
            ResultCode.TIMEOUT,
            ResultCode.BUSY,
            ResultCode.UNAVAILABLE,
            ResultCode.OTHER,
            ResultCode.OPERATIONS_ERROR,
            ResultCode.PROTOCOL_ERROR,
            ResultCode.LOCAL_ERROR,
            ResultCode.ENCODING_ERROR,
            ResultCode.DECODING_ERROR,
            ResultCode.CONFIDENTIALITY_REQUIRED,
            ResultCode.STRONG_AUTH_REQUIRED,
            ResultCode.REFERRAL,
            ResultCode.ADMIN_LIMIT_EXCEEDED,
            ResultCode.TIME_LIMIT_EXCEEDED)
        .contains(code);
  }
}
