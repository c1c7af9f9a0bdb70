package org.mailstead.mailflow;

import java.util.Optional;
import org.mailstead.base.OrganizationId;
import org.mailstead.core.flow.SmtpGateway;
import org.mailstead.core.flow.SmtpGateways;
import org.mailstead.smtp.client.ClientSettings;
import org.mailstead.smtp.wire.SmtpReply;

/// The SMTP gateways of organizations as destinations of the queue (FLW-5; WorkMail guide,
/// Configuring SMTP Gateways): always with TLS 1.2 or later and a certificate that is trusted and
/// names the gateway. The host is found as a smarthost's is, without MX.
final class GatewayRoutes {
  /// No domain of an address begins so.
  private static final String PREFIX = "(gateway) ";

  /// SMTP with TLS from the first octet (RFC 8314 §7.3).
  private static final int IMPLICIT_TLS_PORT = 465;

  private final SmtpGateways gateways;

  GatewayRoutes(SmtpGateways gateways) {
    this.gateways = gateways;
  }

  /// The name of the destination. A gateway that was changed is another one: nothing that failed or
  /// was connected before holds for it.
  String destination(OrganizationId organization, String gateway) {
    String version =
        gateways
            .find(organization, gateway)
            .map(found -> Long.toString(found.modified().toEpochMilli()))
            .orElse("gone");
    return PREFIX + organization.value() + " " + gateway + " " + version;
  }

  static boolean isGateway(String destination) {
    return destination.startsWith(PREFIX);
  }

  /// Empty: it was deleted.
  Optional<Smarthost> find(String destination) {
    String[] parts = destination.substring(PREFIX.length()).split(" ", -1);
    return gateways
        .find(new OrganizationId(parts[0]), parts[1])
        .map(SmtpGateway::terms)
        .map(GatewayRoutes::smarthost);
  }

  private static Smarthost smarthost(SmtpGateway.Terms terms) {
    return new Smarthost(
        terms.host(),
        terms.port(),
        terms.port() == IMPLICIT_TLS_PORT
            ? ClientSettings.Tls.IMPLICIT_VERIFIED
            : ClientSettings.Tls.VERIFIED,
        terms.userName().isPresent()
            ? Optional.of(
                new Smarthost.Credentials(terms.userName().get(), terms.password().orElseThrow()))
            : Optional.empty());
  }

  static AttemptResult gone() {
    return AttemptResult.local(
        AttemptResult.Kind.FAILED, 550, "5.4.4", "The SMTP gateway does not exist any more");
  }

  /// What a failure to connect means: the message goes back to its sender, with the reason
  /// (WorkMail guide, Configuring SMTP Gateways); but a gateway that answers that it is busy is
  /// tried again.
  static AttemptResult unreachable(AttemptResult failure) {
    SmtpReply reply = failure.reply();
    boolean ours = reply.enhancedCode().filter(code -> code.startsWith("4.4.")).isPresent();
    if (reply.isTemporary() && !ours) return failure;
    String text = AttemptResult.clean("The SMTP gateway cannot be used: " + text(reply));
    return new AttemptResult(
        AttemptResult.Kind.FAILED, SmtpReply.of(554, "5.4.1", text), failure.remoteMta());
  }

  private static String text(SmtpReply reply) {
    return reply.isTemporary() ? String.join(" ", reply.lines()) : reply.toString();
  }
}
