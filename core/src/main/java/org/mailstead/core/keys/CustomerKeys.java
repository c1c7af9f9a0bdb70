package org.mailstead.core.keys;

import java.util.Map;
import java.util.Optional;
import org.mailstead.base.Refusal;
import org.mailstead.base.RefusedException;

/// Keys that belong to customers, by ARN (ORG-6): named keys in a file ([CustomerKeyFile]) or keys
/// of a key management service. They are used, never made, changed or destroyed. Calls may be slow.
public interface CustomerKeys {
  /// The member of every encryption context: what is encrypted for one organization does not open
  /// for another (WorkMail guide, Encryption at rest).
  String CONTEXT_NAME = "aws:workmail:arn";

  /// A customer's key, and for whom it is used.
  ///
  /// @param organizationArn the value of `aws:workmail:arn`
  record Use(String keyArn, String organizationArn) {
    public Map<String, String> context() {
      return Map.of(CONTEXT_NAME, organizationArn);
    }
  }

  /// Whether the key can be used: it is there, enabled, symmetric, and encrypts and decrypts.
  ///
  /// @throws RefusedException INVALID, saying why not
  /// @throws org.mailstead.base.UnavailableException the service does not answer
  void check(Use use);

  /// @throws RevokedKeyException the key was disabled, deleted or withdrawn
  /// @throws org.mailstead.base.UnavailableException the service does not answer
  byte[] wrap(Use use, byte[] dataKey);

  /// @throws RevokedKeyException the key was disabled, deleted or withdrawn, or does not open this
  /// @throws org.mailstead.base.UnavailableException the service does not answer
  byte[] unwrap(Use use, byte[] wrapped);

  /// An installation without customers' keys.
  static CustomerKeys none() {
    return first(Map.of());
  }

  /// Asks the service whose ARN prefix the key begins with, the longest first.
  static CustomerKeys first(Map<String, CustomerKeys> byPrefix) {
    Map<String, CustomerKeys> services = Map.copyOf(byPrefix);
    return new CustomerKeys() {
      private Optional<CustomerKeys> service(Use use) {
        return services.entrySet().stream()
            .filter(e -> use.keyArn().startsWith(e.getKey()))
            .max(java.util.Comparator.comparingInt(e -> e.getKey().length()))
            .map(Map.Entry::getValue);
      }

      @Override
      public void check(Use use) {
        service(use)
            .orElseThrow(() ->
                new RefusedException(
                    Refusal.INVALID,
                    "Customer managed keys are not supported by this installation."))
            .check(use);
      }

      @Override
      public byte[] wrap(Use use, byte[] dataKey) {
        return service(use).orElseThrow(() -> gone(use)).wrap(use, dataKey);
      }

      @Override
      public byte[] unwrap(Use use, byte[] wrapped) {
        return service(use).orElseThrow(() -> gone(use)).unwrap(use, wrapped);
      }

      private RevokedKeyException gone(Use use) {
        return new RevokedKeyException("no key service is set for " + use.keyArn());
      }
    };
  }
}
