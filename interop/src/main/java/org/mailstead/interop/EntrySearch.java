package org.mailstead.interop;

import com.unboundid.asn1.ASN1OctetString;
import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnection;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.LDAPSearchException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.RootDSE;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchResult;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.SearchScope;
import com.unboundid.ldap.sdk.controls.SimplePagedResultsControl;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import org.mailstead.base.UnavailableException;

/// Reads entries over one connection, page by page (RFC 2696) where the server can: the cookie of a
/// page belongs to its connection. Referrals and search references are not followed.
final class EntrySearch {
  private static final Duration RETRY_AFTER = Duration.ofMinutes(1);

  private final LDAPConnection connection;
  private final LdapDirectorySettings settings;
  private final boolean isPaged;

  EntrySearch(LDAPConnection connection, LdapDirectorySettings settings, RootDSE root) {
    this.connection = connection;
    this.settings = settings;
    this.isPaged = root.supportsControl(SimplePagedResultsControl.PAGED_RESULTS_OID);
  }

  /// Every entry under the base DNs, in pages.
  ///
  /// @throws UnavailableException the server fails, or its limits do not let the service see all:
  ///   an incomplete result is never taken for the whole
  void forEachPage(
      Filter filter,
      int pageEntries,
      Consumer<List<SearchResultEntry>> take,
      String... attributes) {
    for (String base : settings.baseDns()) {
      var cookie = new ASN1OctetString(); // Empty: the first page.
      do {
        var request = new SearchRequest(base, SearchScope.SUB, filter, attributes);
        if (isPaged) request.addControl(new SimplePagedResultsControl(pageEntries, cookie, true));
        SearchResult page = search(request);
        take.accept(Objects.requireNonNullElse(page.getSearchEntries(), List.of()));
        cookie = cookie(page);
      } while (cookie.getValueLength() > 0);
    }
  }

  /// Empty: that was the last page.
  private static ASN1OctetString cookie(SearchResult page) {
    try {
      SimplePagedResultsControl control = SimplePagedResultsControl.get(page);
      return control == null ? new ASN1OctetString() : control.getCookie();
    } catch (LDAPException e) {
      throw LdapServers.away(e);
    }
  }

  private SearchResult search(SearchRequest request) {
    try {
      return connection.search(request);
    } catch (LDAPSearchException e) {
      throw failure(e, request.getBaseDN());
    }
  }

  private static UnavailableException failure(LDAPSearchException e, String base) {
    ResultCode code = e.getResultCode();
    if (code.equals(ResultCode.SIZE_LIMIT_EXCEEDED)
        || code.equals(ResultCode.ADMIN_LIMIT_EXCEEDED)) {
      return new UnavailableException(
          "the directory's size limit keeps the service from seeing every entry of "
              + base
              + ": raise it for the service's bind DN",
          RETRY_AFTER,
          e);
    }
    if (code.equals(ResultCode.NO_SUCH_OBJECT)) {
      return new UnavailableException(
          "the base DN " + base + " is not there, or the service may not read it", RETRY_AFTER, e);
    }
    if (code.equals(ResultCode.INVALID_CREDENTIALS)
        || code.equals(ResultCode.INSUFFICIENT_ACCESS_RIGHTS)) {
      return new UnavailableException(
          "the service may not read " + base + ": " + code.getName(), RETRY_AFTER, e);
    }
    return LdapServers.away(e);
  }

  /// One entry by its name; empty if it is not there or may not be read.
  Optional<Entry> read(String dn, Filter filter, String... attributes) {
    var request = new SearchRequest(dn, SearchScope.BASE, filter, attributes);
    request.setSizeLimit(1);
    try {
      List<SearchResultEntry> none = List.of();
      List<SearchResultEntry> found =
          Objects.requireNonNullElse(connection.search(request).getSearchEntries(), none);
      return found.isEmpty() ? Optional.empty() : Optional.of(found.getFirst());
    } catch (LDAPSearchException e) {
      ResultCode code = e.getResultCode();
      boolean absent =
          code.equals(ResultCode.NO_SUCH_OBJECT)
              || code.equals(ResultCode.INVALID_DN_SYNTAX)
              || code.equals(ResultCode.REFERRAL)
              || code.equals(ResultCode.INSUFFICIENT_ACCESS_RIGHTS);
      if (absent) return Optional.empty();
      throw LdapServers.away(e);
    }
  }
}
