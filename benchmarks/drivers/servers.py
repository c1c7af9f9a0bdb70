"""Starts the servers that the drivers measure, as child processes on the loopback address with data in a scratch folder: Mailstead from this checkout,
Dovecot (mdbox) and Postfix in front of Dovecot's LMTP from the distribution's packages. All have users u0000 … at bench.test, password Bench-secret-1."""
import json, os, pwd, shutil, signal, socket, subprocess, tempfile, time
from api import Api

HOME = os.path.abspath(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", ".."))
PASSWORD = "Bench-secret-1"
DOMAIN = "bench.test"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def await_port(port, process=None, seconds=60):
    end = time.time() + seconds
    while time.time() < end:
        if process and process.poll() is not None:
            raise RuntimeError("server ended with %s" % process.returncode)
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("nothing listens on port %d" % port)


class Mailstead:
    name = "mailstead"
    user_form = "u%04d@" + DOMAIN

    def __init__(self, scratch, users, java_opts="", fresh=True, variables=None):
        self.folder = os.path.join(scratch, "mailstead")
        os.makedirs(self.folder, exist_ok=True)
        self.variables = variables or {}
        self.java_opts = java_opts
        self.start()
        if fresh:
            self.make_users(users)

    def start(self):
        ready = os.path.join(self.folder, "ready.json")
        if os.path.exists(ready):
            os.unlink(ready)
        env = dict(os.environ, MAILSTEAD_LOGIN_PLAIN_WITHOUT_TLS="true", MAILSTEAD_DOMAINS_VERIFIED="*",
                   MAILSTEAD_LIMITS_CONNECTIONS_PER_ADDRESS="20000", MAILSTEAD_LIMITS_CONNECTIONS="20000")
        env.update(self.variables)
        if self.java_opts:
            env["MAILSTEAD_JAVA_OPTS"] = self.java_opts
        for listener in ("SMTP", "SUBMISSION", "SUBMISSIONS", "LMTP", "IMAP", "IMAPS", "MANAGESIEVE", "API"):
            env["MAILSTEAD_LISTEN_" + listener] = "127.0.0.1:0"
        self.process = subprocess.Popen([os.path.join(HOME, "mailstead"), "serve", "--data", os.path.join(self.folder, "data"), "--ready-file", ready],
                                        env=env, stdout=subprocess.DEVNULL, stderr=open(os.path.join(self.folder, "log"), "ab"))
        while not os.path.exists(ready):
            if self.process.poll() is not None:
                raise RuntimeError("mailstead ended: " + open(os.path.join(self.folder, "log")).read()[-2000:])
            time.sleep(0.02)
        self.ready = json.load(open(ready))
        port = lambda e: int(self.ready["endpoints"][e].rsplit(":", 1)[1])
        self.imap, self.imaps, self.smtp, self.lmtp, self.pid = port("imap"), port("imaps"), port("smtp"), port("lmtp"), self.process.pid

    def make_users(self, count):
        api, org = Api(self.ready), self.ready["organizationId"]
        api("RegisterMailDomain", OrganizationId=org, DomainName=DOMAIN)
        for i in range(count):
            name = "u%04d" % i
            user = api("CreateUser", OrganizationId=org, Name=name, DisplayName=name, Password=PASSWORD)["UserId"]
            api("RegisterToWorkMail", OrganizationId=org, EntityId=user, Email=name + "@" + DOMAIN)

    def stop(self, sig=signal.SIGTERM):
        self.process.send_signal(sig)
        self.process.wait(20)


class Dovecot:
    name = "dovecot"
    user_form = "u%04d"

    def __init__(self, scratch, users, location="mdbox:~/mdbox"):
        self.folder = tempfile.mkdtemp(prefix="dovecot-", dir=scratch)
        os.chmod(scratch, 0o755)
        os.chmod(self.folder, 0o755)
        mail = pwd.getpwnam("mail")
        home = os.path.join(self.folder, "home")
        os.makedirs(home)
        os.chown(home, mail.pw_uid, mail.pw_gid)
        self.imap, self.imaps, self.lmtp = free_port(), free_port(), free_port()
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30", "-subj", "/CN=bench",
                        "-keyout", os.path.join(self.folder, "key.pem"), "-out", os.path.join(self.folder, "cert.pem")], check=True, stderr=subprocess.DEVNULL)
        self.smtp = None
        with open(os.path.join(self.folder, "users"), "w") as f:
            for i in range(users):
                f.write("u%04d:{PLAIN}%s\nu%04d@%s:{PLAIN}%s\n" % (i, PASSWORD, i, DOMAIN, PASSWORD))
        self.conf = os.path.join(self.folder, "dovecot.conf")
        with open(self.conf, "w") as f:
            f.write("""
base_dir = {0}/run
state_dir = {0}/state
log_path = {0}/log
protocols = imap lmtp
ssl = yes
ssl_cert = <{0}/cert.pem
ssl_key = <{0}/key.pem
disable_plaintext_auth = no
auth_mechanisms = plain
auth_username_format = %Ln
mail_location = {1}
first_valid_uid = 1
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {0}/users
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={0}/home/%n allow_all_users=yes
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  service_count = 0
  process_min_avail = 2
  client_limit = 20000
  inet_listener imap {{
    address = 127.0.0.1
    port = {2}
  }}
  inet_listener imaps {{
    address = 127.0.0.1
    port = {4}
    ssl = yes
  }}
}}
service imap {{
  process_limit = 15000
}}
service anvil {{
  client_limit = 35000
}}
service auth {{
  client_limit = 35000
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {3}
  }}
}}
mail_max_userip_connections = 20000
default_vsz_limit = 2G
""".format(self.folder, location, self.imap, self.lmtp, self.imaps))
        self.start()

    def start(self):
        self.process = subprocess.Popen([shutil.which("dovecot") or "/usr/sbin/dovecot", "-F", "-c", self.conf])
        await_port(self.imap, self.process)
        await_port(self.lmtp, self.process)
        self.pid = self.process.pid

    def stop(self):
        self.process.terminate()
        self.process.wait(20)


class Postfix:
    """Postfix that takes SMTP and hands everything to a Dovecot's LMTP."""
    name = "postfix"

    def __init__(self, scratch, dovecot, more=""):
        self.folder = tempfile.mkdtemp(prefix="postfix-", dir=scratch)
        os.chmod(self.folder, 0o755)
        self.smtp, self.imap = free_port(), dovecot.imap
        self.dovecot = dovecot
        conf, queue, data = (os.path.join(self.folder, d) for d in ("conf", "queue", "data"))
        for d in (conf, queue, data):
            os.makedirs(d)
        shutil.chown(data, "postfix")
        with open(os.path.join(conf, "main.cf"), "w") as f:
            f.write("""compatibility_level = 3.6
queue_directory = {1}
data_directory = {2}
maillog_file = {0}/log
maillog_file_prefixes = {0}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
mynetworks = 127.0.0.0/8
virtual_mailbox_domains = {3}
virtual_transport = lmtp:inet:127.0.0.1:{4}
smtpd_recipient_restrictions = permit_mynetworks, reject
smtp_dns_support_level = disabled
lmtp_dns_support_level = disabled
smtpd_client_connection_count_limit = 0
alias_maps =
{5}
""".format(self.folder, queue, data, DOMAIN, dovecot.lmtp, more))
        master = []
        for line in open("/usr/share/postfix/master.cf.dist"):
            if line.startswith("smtp ") and "inet" in line:
                line = "127.0.0.1:%d inet n - n - - smtpd\n" % self.smtp
            words = line.split()
            if len(words) == 8 and not line.startswith("#") and words[4] == "y":
                words[4] = "n"
                line = " ".join(words) + "\n"
            master.append(line)
        open(os.path.join(conf, "master.cf"), "w").writelines(master + ["postlog unix-dgram n - n - 1 postlogd\n"])
        self.conf = conf
        subprocess.run(["postfix", "-c", conf, "start"], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        await_port(self.smtp)
        self.pid = "%s,%d" % (open(os.path.join(queue, "pid", "master.pid")).read().strip(), dovecot.pid)

    def stop(self):
        subprocess.run(["postfix", "-c", self.conf, "stop"], check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Cyrus:
    """Cyrus IMAP in a root folder of its own (chroot), because Debian's cyrus-imapd and dovecot-imapd exclude each other:
    a folder where `apt-get install cyrus-imapd sasl2-bin` was run, an overlay of this machine's root for example."""
    name = "cyrus"
    user_form = "u%04d"
    lmtp = smtp = None

    def __init__(self, scratch, users, root):
        self.root, self.imap = root, free_port()
        self.folder = tempfile.mkdtemp(prefix="cyrus-", dir=scratch)
        self.inside = os.path.join(root, self.folder.lstrip("/"))
        os.makedirs(self.inside, exist_ok=True)
        os.chmod(os.path.dirname(self.inside), 0o755)
        if not os.path.samefile(self.inside, self.folder):
            subprocess.run(["mount", "--bind", self.folder, self.inside], check=True)
        os.chmod(scratch, 0o755)
        os.chmod(self.folder, 0o755)
        with open(os.path.join(self.folder, "imapd.conf"), "w") as f:
            f.write("""configdirectory: {0}/conf
partition-default: {0}/spool
defaultpartition: default
admins: admin
altnamespace: yes
unixhierarchysep: yes
allowplaintext: yes
delete_mode: immediate
popminpoll: 0
idlesocket: {0}/idle.sock
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {0}/sasldb2
sasl_mech_list: PLAIN
servername: bench
defaultdomain: bench
lmtpsocket: {0}/lmtp.sock
""".format(self.folder))
        with open(os.path.join(self.folder, "cyrus.conf"), "w") as f:
            f.write("""START {{
  recover cmd="/usr/lib/cyrus/bin/ctl_cyrusdb -C {0}/imapd.conf -r"
}}
SERVICES {{
  imap cmd="/usr/lib/cyrus/bin/imapd -C {0}/imapd.conf" listen="127.0.0.1:{1}" prefork=2 maxchild=2000
}}
EVENTS {{
  checkpoint cmd="/usr/lib/cyrus/bin/ctl_cyrusdb -C {0}/imapd.conf -c" period=30
}}
DAEMON {{
  idled cmd="/usr/lib/cyrus/bin/idled -C {0}/imapd.conf"
}}
""".format(self.folder, self.imap))
        chroot = ["chroot", root]
        for user in ["admin"] + ["u%04d" % i for i in range(users)]:
            subprocess.run(chroot + ["saslpasswd2", "-c", "-p", "-f", self.folder + "/sasldb2", "-u", "bench", user],
                           input=PASSWORD.encode(), check=True)
        subprocess.run(chroot + ["sh", "-c", "mkdir -p {0}/conf {0}/spool && chown -R cyrus:mail {0} && cd {0} && "
                       "setpriv --reuid=cyrus --regid=mail --init-groups sh -c 'mkdir -p conf/db conf/socket conf/proc conf/log conf/msg'".format(self.folder)], check=True)
        self.process = subprocess.Popen(chroot + ["/usr/lib/cyrus/bin/master", "-C", self.folder + "/imapd.conf", "-M", self.folder + "/cyrus.conf",
                                                  "-p", self.folder + "/pid"], stderr=open(os.path.join(self.folder, "log"), "w"))
        await_port(self.imap, self.process)
        self.pid = self.process.pid
        with socket.create_connection(("127.0.0.1", self.imap)) as s:
            f = s.makefile("rwb")
            f.readline()
            for n, line in enumerate(["LOGIN admin " + PASSWORD] + ["CREATE user/u%04d" % i for i in range(users)]):
                f.write(("t%d %s\r\n" % (n, line)).encode())
                f.flush()
                while True:
                    answer = f.readline()
                    if answer.startswith(b"t%d " % n):
                        break
                    if not answer:
                        raise RuntimeError("cyrus closed the connection")
                if b" OK" not in answer:
                    raise RuntimeError("cyrus: " + answer.decode())

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        if not os.path.samefile("/", self.root):
            subprocess.run(["umount", self.inside])
