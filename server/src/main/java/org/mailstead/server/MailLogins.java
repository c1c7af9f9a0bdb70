package org.mailstead.server;

import java.net.InetAddress;
import org.mailstead.core.access.Credentials;
import org.mailstead.core.access.Logins;
import org.mailstead.core.access.Principal;
import org.mailstead.core.access.Protocol;
import org.mailstead.imap.server.ImapLogin;
import org.mailstead.managesieve.server.ManageSieveLogin;
import org.mailstead.smtp.server.SmtpLogin;

/// Joins the logins of IMAP, SMTP and ManageSieve with [Logins].
record MailLogins(Logins logins, Protocol protocol)
    implements ImapLogin, SmtpLogin, ManageSieveLogin {
  @Override
  public Principal login(Credentials credentials, InetAddress peer) {
    return logins.login(credentials, protocol, peer);
  }

  @Override
  public boolean mayContinue(Principal principal, InetAddress peer) {
    return logins.mayContinue(principal, protocol, peer);
  }
}
