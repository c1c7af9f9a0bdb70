package org.mailstead.mailflow.transport;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertificateException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;
import org.mailstead.mailflow.dns.TlsaRecord;

/// Trusts the certificates that a host's TLSA records name, and no others.
///
/// @spec https://www.rfc-editor.org/rfc/rfc7672#section-3 RFC 7672 §3
public final class DaneTrust extends X509ExtendedTrustManager {
  private static final int TRUST_ANCHOR = 2;
  private static final int END_ENTITY = 3;

  private final List<TlsaRecord> records;
  private final List<String> names;

  private DaneTrust(List<TlsaRecord> records, List<String> names) {
    this.records = records;
    this.names = names;
  }

  /// Whether a record can be used for SMTP (§3.1.3: usages 0 and 1 cannot) and is understood.
  static boolean isUsable(TlsaRecord record) {
    boolean digest =
        switch (record.matching()) {
          case 0 -> true;
          case 1 -> record.data().length == 32;
          case 2 -> record.data().length == 64;
          default -> false;
        };
    return (record.usage() == TRUST_ANCHOR || record.usage() == END_ENTITY)
        && (record.selector() == 0 || record.selector() == 1)
        && digest;
  }

  /// @param names that a certificate below a trust anchor may be for (§3.2.2)
  static SSLContext context(List<TlsaRecord> records, List<String> names) {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new DaneTrust(records, names)}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has TLS", e);
    }
  }

  private void check(X509Certificate[] chain) throws CertificateException {
    for (TlsaRecord record : records) {
      switch (record.usage()) {
        // §3.1.1: the key alone decides, not names and not dates.
        case END_ENTITY -> {
          if (matches(record, chain[0])) return;
        }
        case TRUST_ANCHOR -> {
          for (int i = 0; i < Math.min(chain.length, TransportLimits.CHAIN_MAX); i++) {
            if (matches(record, chain[i]) && leadsTo(chain, i) && isNamed(chain[0])) return;
          }
        }
        default -> {}
      }
    }
    throw new CertificateException("no TLSA record matches the certificate (DANE)");
  }

  private static boolean matches(TlsaRecord record, X509Certificate certificate)
      throws CertificateException {
    byte[] octets =
        record.selector() == 0 ? certificate.getEncoded() : certificate.getPublicKey().getEncoded();
    byte[] compared =
        switch (record.matching()) {
          case 1 -> digest("SHA-256", octets);
          case 2 -> digest("SHA-512", octets);
          default -> octets;
        };
    return MessageDigest.isEqual(compared, record.data());
  }

  private static byte[] digest(String algorithm, byte[] octets) throws CertificateException {
    try {
      return MessageDigest.getInstance(algorithm).digest(octets);
    } catch (GeneralSecurityException e) {
      throw new CertificateException(e);
    }
  }

  private static boolean leadsTo(X509Certificate[] chain, int anchor) {
    try {
      for (int i = 0; i < anchor; i++) {
        chain[i].checkValidity();
        chain[i].verify(chain[i + 1].getPublicKey());
        if (chain[i + 1].getBasicConstraints() < i) return false;
      }
      return true;
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private boolean isNamed(X509Certificate certificate) {
    try {
      Collection<List<?>> alternatives = certificate.getSubjectAlternativeNames();
      if (alternatives == null) return false;
      for (List<?> each : alternatives) {
        if (!Integer.valueOf(2).equals(each.get(0))) continue;
        String pattern = String.valueOf(each.get(1)).toLowerCase(Locale.ROOT);
        if (names.stream().anyMatch(name -> isNamed(pattern, name))) return true;
      }
      return false;
    } catch (CertificateParsingException e) {
      return false;
    }
  }

  private static boolean isNamed(String pattern, String host) {
    String name = host.toLowerCase(Locale.ROOT);
    if (pattern.equals(name)) return true;
    int dot = name.indexOf('.');
    return pattern.startsWith("*.") && dot > 0 && name.substring(dot).equals(pattern.substring(1));
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    throw new CertificateException("this is no server");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    throw new CertificateException("this is no server");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    check(chain);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    throw new CertificateException("this is no server");
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    check(chain);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return new X509Certificate[0];
  }
}
