#!/usr/bin/env python3
"""Mail flow with its checks on (issue: mail flow, figures): SPF, DKIM and DMARC of every message, end to end.

  flowbench.py checks [--pairs 3] [--rspamd] [--rows 4,75,500] [--n 2000]   Mailstead beside Postfix with opendkim and opendmarc, in turn
  flowbench.py spam   [--pairs 3]                                           Mailstead with its built-in spam filter beside Mailstead without
  flowbench.py queue  [--entries 100000] [--dead 1000] [--live 10]          delay of mail to live destinations behind a queue for dead ones
`checks` signs its messages (RSA 2048) and serves the sender's zone with named on 127.0.0.1:53; opendmarc, which knows only resolv.conf, gets one of its own by a mount
namespace: root is needed. `--rspamd`: one Rspamd for both sides, asked by HTTP from us and as a milter by Postfix; its CPU is left out on both sides.
Needs Debian's postfix, dovecot-imapd, dovecot-lmtpd, opendkim, opendmarc, bind9, python3-dkim, rspamd.
"""
import argparse, json, os, shutil, socket, ssl, statistics, subprocess, sys, tempfile, threading, time
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imapwire import Imap, wait_quiet
from servers import DOMAIN, Dovecot, Mailstead, PASSWORD, Postfix, await_port, free_port

NAMESERVER = "127.0.0.1"
HERE = os.path.dirname(os.path.abspath(__file__))
USERS = 100


class Child:
    """A daemon in the foreground with a folder of its own."""

    def __init__(self, scratch, name, files, command, port, host="127.0.0.1"):
        self.folder = tempfile.mkdtemp(prefix=name + "-", dir=scratch)
        os.chmod(self.folder, 0o755)
        for file, text in files.items():
            with open(os.path.join(self.folder, file), "w") as f:
                f.write(text.replace("{folder}", self.folder))
        command = [w.replace("{folder}", self.folder) for w in command]
        self.process = subprocess.Popen(command, stdout=open(os.path.join(self.folder, "out"), "w"), stderr=subprocess.STDOUT)
        self.pid = self.process.pid
        end = time.time() + 30
        while True:
            try:
                socket.create_connection((host, port), 1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.time() > end:
                    raise RuntimeError(name + ": " + open(os.path.join(self.folder, "out")).read()[-2000:])
                time.sleep(0.05)

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()


def named(scratch, zones):
    zones = dict(zones, root="")  # so that every other name is answered: there is none
    files = {zone + ".zone": "$TTL 3600\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A %s\n%s" % (NAMESERVER, text) for zone, text in zones.items()}
    files["named.conf"] = 'options { directory "{folder}"; pid-file none; listen-on port 53 { %s; }; listen-on-v6 { none; }; recursion no; dnssec-validation no; session-keyfile none; };\ncontrols { };\n' % NAMESERVER + \
        "".join('zone "%s" { type primary; file "{folder}/%s.zone"; };\n' % ("." if zone == "root" else zone, zone) for zone in zones)
    return Child(scratch, "named", files, ["named", "-g", "-n", "1", "-c", "{folder}/named.conf"], 53, NAMESERVER)


def sign(scratch, sizes, count):
    """Folders of signed messages by size, and the text of the key's record."""
    import dkim
    key = os.path.join(scratch, "key.pem")
    subprocess.run(["openssl", "genrsa", "-traditional", "-out", key, "2048"], check=True, stderr=subprocess.DEVNULL)
    public = subprocess.run(["openssl", "rsa", "-in", key, "-pubout"], check=True, capture_output=True, text=True).stdout
    secret = open(key, "rb").read()
    folders = {}
    for size in sizes:
        folders[size] = os.path.join(scratch, "messages-%d" % size)
        os.mkdir(folders[size])
        for i in range(count):
            head = ("From: Sender <s@example.org>\r\nTo: u@bench.test\r\nSubject: message %d\r\nDate: %s\r\nMessage-ID: <%d.%d@example.org>\r\n"
                    "MIME-Version: 1.0\r\nContent-Type: text/plain\r\n\r\n" % (i, time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime()), i, time.time_ns())).encode()
            line = b"the quick brown fox %d jumps over the lazy dog and keeps running past it\r\n" % i
            body = (line * (size // len(line) + 1))[:max(0, size - len(head) - 600)] + b"\r\n"
            message = head + body
            with open(os.path.join(folders[size], "%04d" % i), "wb") as f:
                f.write(dkim.sign(message, b"s1", b"example.org", secret, include_headers=[b"from", b"to", b"subject", b"date", b"message-id"]) + message)
    words = "".join(l for l in public.splitlines() if "-" not in l[:1])
    return folders, words


def sender_zone(words):
    text = "v=DKIM1; k=rsa; p=" + words
    parts = " ".join('"%s"' % text[i:i + 200] for i in range(0, len(text), 200))
    return '@ A 127.0.0.1\n@ MX 10 mail\nmail A 127.0.0.1\n@ TXT "v=spf1 ip4:127.0.0.1 -all"\n_dmarc TXT "v=DMARC1; p=none"\ns1._domainkey TXT ( %s )\n' % parts


RSPAMD = """
options { url_tld = "{folder}/tld"; filters = ""; cache_file = "{folder}/symbols.cache"; dns { nameserver = ["127.0.0.1:53"]; timeout = 1s; }
  tempdir = "{folder}"; hs_cache_dir = "{folder}"; history_file = ""; rrd = ""; }
logging { type = "console"; level = "error"; }
actions { reject = 15; add_header = 6; greylist = 4; }
worker "normal" { bind_socket = "127.0.0.1:%(http)d"; count = 1; }
worker "rspamd_proxy" { bind_socket = "127.0.0.1:%(milter)d"; milter = yes; timeout = 120s; count = 1; upstream "local" { default = yes; hosts = "127.0.0.1:%(http)d"; } }
lua = "{folder}/rules.lua";
"""


def rspamd(scratch):
    ports = {"http": free_port(), "milter": free_port()}
    files = {"rspamd.conf": RSPAMD % ports, "tld": "com\norg\n",
             "rules.lua": "rspamd_config.BENCH = { callback = function(task) return task:get_subject() ~= nil end, score = 0.1 }\n"}
    child = Child(scratch, "rspamd", files, ["rspamd", "-f", "-i", "-u", "root", "-g", "root", "-c", "{folder}/rspamd.conf"], ports["http"])
    await_port(ports["milter"])
    return child, ports


class CheckingPostfix:
    """Postfix with opendkim (verifier) and opendmarc (which checks SPF itself) as milters."""
    name = "postfix"
    user_form = "u%04d"

    def __init__(self, scratch, dovecot, milter):
        ports = free_port(), free_port()
        nobody = "192.0.2.1\n"
        self.opendkim = Child(scratch, "opendkim", {"hosts": nobody, "conf": "Mode v\nAlwaysAddARHeader yes\nAuthservID bench.test\nNameservers %s\nUserID root\nInternalHosts file:{folder}/hosts\nExternalIgnoreList file:{folder}/hosts\nPeerList file:{folder}/hosts\n" % NAMESERVER},
                              ["opendkim", "-f", "-x", "{folder}/conf", "-p", "inet:%d@127.0.0.1" % ports[0]], ports[0])
        self.opendmarc = Child(scratch, "opendmarc", {"hosts": nobody, "resolv.conf": "nameserver %s\n" % NAMESERVER,
                               "conf": "AuthservID bench.test\nTrustedAuthservIDs bench.test\nIgnoreHosts {folder}/hosts\nSPFSelfValidate true\nSPFIgnoreResults true\nUserID root\nRejectFailures false\n"},
                               ["unshare", "-m", "sh", "-c", "mount --bind {folder}/resolv.conf /etc/resolv.conf && exec opendmarc -f -c {folder}/conf -p inet:%d@127.0.0.1" % ports[1]], ports[1])
        milters = ["inet:127.0.0.1:%d" % p for p in ports] + (["inet:127.0.0.1:%d" % milter] if milter else [])
        self.postfix = Postfix(scratch, dovecot, "smtpd_milters = %s\nmilter_default_action = tempfail\nmilter_protocol = 6" % ", ".join(milters))
        self.smtp, self.imap = self.postfix.smtp, dovecot.imap
        self.pid = "%s,%d,%d" % (self.postfix.pid, self.opendkim.pid, self.opendmarc.pid)

    def stop(self):
        for part in (self.postfix, self.opendkim, self.opendmarc):
            part.stop()


def bench(server, folder, n, size, sessions, rcpts, users, quiet):
    words = [sys.executable, os.path.join(HERE, "smtpbench.py"), "--smtp-port", server.smtp, "--imap-port", server.imap, "--login-form", server.user_form, "--password", PASSWORD, "--messages", folder,
             "--n", n, "--size", size, "--sessions", sessions, "--rcpts", rcpts, "--users", users, "--server-pid", server.pid, "--quiet", quiet, "--rest", 20, "--reps", 1]
    out = subprocess.run([str(w) for w in words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if out.returncode:
        raise RuntimeError(out.stderr[-2000:])
    return json.loads([l for l in out.stdout.splitlines() if l.startswith("{")][-1])


def show_verdicts(server):
    imap = Imap("127.0.0.1", server.imap, server.user_form % 1, PASSWORD)
    imap.cmd("SELECT INBOX")
    text = imap.cmd("FETCH * (BODY.PEEK[HEADER.FIELDS (Authentication-Results Received-SPF X-Mailstead-Spam)])", keep=True).data.decode("utf-8", "replace")
    imap.close()
    for word in ("spf=pass", "dkim=pass", "dmarc=pass"):
        if word not in text:
            raise RuntimeError("%s lacks %s: %s" % (server.name, word, text))
    print("<!-- %s: %s -->" % (server.name, " ".join(text.split())[:400]), file=sys.stderr)


def rows(a, users):
    out = []
    for word in a.rows.split(","):
        if word == "500":
            out.append(("500 recipients, 4 KB, 1 session", 4096, max(10, a.n // 100), 1, 500))
        else:
            size = int(word) * 1024
            out += [("%s KB, %d sessions" % (word, s), size, a.n if size < 50000 else a.n // 2, s, 1) for s in (10, 50)]
    return out


def compare(a, ours, theirs, folders, users):
    print("| work | %s | %s | ratio (range) | server CPU µs a delivery | CPU ratio |\n|---|---|---|---|---|---|" % (ours.label, theirs.label), flush=True)
    for name, size, n, sessions, rcpts in rows(a, users):
        got = {ours: [], theirs: []}
        for k in range(a.pairs):
            for server in ((ours, theirs) if k % 2 == 0 else (theirs, ours)):
                got[server].append(bench(server, folders[size], n, size, sessions, rcpts, users if rcpts > 1 else USERS, a.quiet))
                if k == 0:
                    show_verdicts(server)
        speed = lambda s: [r["delivered_per_s"] for r in got[s]]
        cpu = lambda s: statistics.median(r["server_cpu_us_per_msg"] / rcpts for r in got[s])
        ratios = sorted(x / y for x, y in zip(speed(ours), speed(theirs)))
        print("| %s | %.0f/s | %.0f/s | %.1f (%.1f–%.1f) | %.0f / %.0f | %.2f |" % (
            name, statistics.median(speed(ours)), statistics.median(speed(theirs)), statistics.median(ratios), ratios[0], ratios[-1], cpu(ours), cpu(theirs), cpu(ours) / cpu(theirs)), flush=True)


def variables(**more):
    base = {"MAILSTEAD_DNS_RESOLVER": NAMESERVER + ":53", "MAILSTEAD_AUTHENTICATION_TRUSTED_NETWORKS": "192.0.2.0/24", "MAILSTEAD_SPAM_BUILT_IN": "false"}
    return dict(base, **more)


def checks(a, scratch):
    users = 500 if "500" in a.rows.split(",") else USERS
    folders, words = sign(scratch, {r[1] for r in rows(a, users)}, a.signed)
    started = [named(scratch, {"example.org": sender_zone(words), DOMAIN: "@ A 127.0.0.1\n"})]
    try:
        ports = {"milter": None}
        extra = {}
        if a.rspamd:
            daemon, ports = rspamd(scratch)
            started.append(daemon)
            extra = {"MAILSTEAD_FILTERS_RSPAMD": "127.0.0.1:%d" % ports["http"]}
        ours = Mailstead(scratch, users, variables=variables(**extra))
        started.append(ours)
        dovecot = Dovecot(scratch, users)
        started.append(dovecot)
        theirs = CheckingPostfix(scratch, dovecot, ports["milter"])
        started.append(theirs)
        ours.label, theirs.label = "Mailstead", "Postfix, opendkim, opendmarc"
        compare(a, ours, theirs, folders, users)
    finally:
        for one in reversed(started):
            one.stop()


def spam(a, scratch):
    folders, words = sign(scratch, {r[1] for r in rows(a, USERS)}, a.signed)
    started = [named(scratch, {"example.org": sender_zone(words), DOMAIN: "@ A 127.0.0.1\n"})]
    try:
        sides = []
        for word in ("true", "false"):
            folder = os.path.join(scratch, word)
            os.mkdir(folder)
            sides.append(Mailstead(folder, USERS, variables=variables(MAILSTEAD_SPAM_BUILT_IN=word)))
            started.append(sides[-1])
        sides[0].label, sides[1].label = "with the built-in filter", "without"
        compare(a, sides[0], sides[1], folders, USERS)
    finally:
        for one in reversed(started):
            one.stop()


class Sink(threading.Thread):
    """Takes mail for the live destinations and notes when each message arrives; a hanging one accepts and says nothing."""

    def __init__(self, host, seen, hangs=False):
        super().__init__(daemon=True)
        self.seen, self.hangs = seen, hangs
        self.socket = socket.create_server((host, 25), backlog=1000)

    def run(self):
        held = []
        while True:
            connection = self.socket.accept()[0]
            if self.hangs:
                held.append(connection)
            else:
                threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection):
        f = connection.makefile("rwb")
        say = lambda text: (f.write(text + b"\r\n"), f.flush())
        say(b"220 sink.test ESMTP")
        for line in f:
            word = line[:4].upper()
            if word == b"EHLO":
                say(b"250-sink.test\r\n250 PIPELINING")
            elif word == b"DATA":
                say(b"354 go on")
                for line in f:
                    if line.lower().startswith(b"subject: live "):
                        self.seen[int(line.split()[2])] = time.time()
                    if line == b".\r\n":
                        break
                say(b"250 ok")
            elif word == b"QUIT":
                say(b"221 bye")
                break
            else:
                say(b"250 ok")
        connection.close()


class Submission:
    """One authenticated session."""

    def __init__(self, port, user):
        import base64
        plain = socket.create_connection(("127.0.0.1", port), 60)
        plain.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        trust = ssl.create_default_context()
        trust.check_hostname, trust.verify_mode = False, ssl.CERT_NONE
        self.s = trust.wrap_socket(plain)
        self.f = self.s.makefile("rb")
        self.user = user
        self.reply()
        self.say("EHLO bench.test")
        self.say("AUTH PLAIN " + base64.b64encode(("\0%s\0%s" % (user, PASSWORD)).encode()).decode())

    def reply(self):
        line = self.f.readline()
        while line[3:4] == b"-":
            line = self.f.readline()
        if line[:1] not in (b"2", b"3"):
            raise RuntimeError(repr(line))

    def say(self, text):
        self.s.sendall((text + "\r\n").encode())
        self.reply()

    def send(self, rcpt, subject):
        self.s.sendall(("MAIL FROM:<%s>\r\nRCPT TO:<%s>\r\nDATA\r\n" % (self.user, rcpt)).encode())
        for _ in range(3):
            self.reply()
        self.say("From: <%s>\r\nTo: <%s>\r\nSubject: %s\r\nDate: Mon, 01 Jan 2024 10:00:00 +0000\r\nMessage-ID: <%d@bench.test>\r\n\r\nhello\r\n." % (self.user, rcpt, subject, time.time_ns()))


def memory(pid):
    lines = open("/proc/%d/status" % pid).read().splitlines()
    return {l.split(":")[0]: int(l.split()[1]) // 1024 for l in lines if l.startswith(("VmRSS", "VmHWM"))}


def java_pid(server):
    """The launcher may have become the JVM, or started it."""
    kids = open("/proc/%d/task/%d/children" % (server.pid, server.pid)).read().split()
    return int(kids[0]) if kids and b"java" in open("/proc/%s/cmdline" % kids[0], "rb").read() else server.pid


def queue(a, scratch):
    zones = {"dead%04d.test" % i: "@ MX 10 mail\nmail A %s\n" % ("127.0.3.1" if i % 10 else "127.0.3.2") for i in range(a.dead)}
    zones.update({"live%d.test" % i: "@ MX 10 mail\nmail A 127.0.4.%d\n" % (i + 1) for i in range(a.live)})
    zones[DOMAIN] = "@ A 127.0.0.1\n"
    seen, sent = {}, {}
    started = [named(scratch, zones)]
    try:
        for i in range(a.live):
            Sink("127.0.4.%d" % (i + 1), seen).start()
        Sink("127.0.3.2", seen, hangs=True).start()  # a tenth of the dead ones accept and hang, the others refuse
        big = "10000000"
        ours = Mailstead(scratch, 12, variables=variables(MAILSTEAD_LIMITS_BEYOND_THE_GUIDE="true", MAILSTEAD_LIMITS_EXTERNAL_RECIPIENTS_PER_USER=big, MAILSTEAD_LIMITS_EXTERNAL_RECIPIENTS_PER_ACCOUNT=big))
        started.append(ours)
        port = int(ours.ready["endpoints"]["submissions"].rsplit(":", 1)[1])
        pid = java_pid(ours)
        print("memory before (MiB):", memory(pid), flush=True)
        done = threading.Event()

        def live():
            session, number = Submission(port, "u0011@" + DOMAIN), 0
            while not done.is_set():
                session.send("x@live%d.test" % (number % a.live), "live %d" % number)
                sent[number] = time.time()
                number += 1
                time.sleep(0.1)

        def bulk(k, each):
            session = Submission(port, "u%04d@%s" % (k, DOMAIN))
            for i in range(each):
                session.send("x@dead%04d.test" % ((k * each + i) % a.dead), "dead")

        clock = time.time()
        pulse = threading.Thread(target=live, daemon=True)
        pulse.start()
        senders = [threading.Thread(target=bulk, args=(k, a.entries // 8)) for k in range(8)]
        [t.start() for t in senders]
        [t.join() for t in senders]
        filled = time.time()
        print("%d messages for %d dead destinations accepted in %.0f s" % (a.entries // 8 * 8, a.dead, filled - clock), flush=True)
        print("memory when full (MiB):", memory(pid), flush=True)
        for _ in range(a.seconds // 15):
            time.sleep(15)
            print("memory (MiB):", memory(pid), flush=True)
        done.set()
        pulse.join()
        end = time.time() + 60
        while len(seen) < len(sent) and time.time() < end:
            time.sleep(0.1)
        for name, low, high in (("while it fills", clock, filled), ("behind the full queue", filled, time.time())):
            waits = sorted(seen.get(n, float("inf")) - t for n, t in sent.items() if low <= t < high)
            if waits:
                print("live mail %s: %d messages, delay p50 %.3f s, p99 %.3f s, longest %.3f s" % (name, len(waits), waits[len(waits) // 2], waits[int(len(waits) * .99)], waits[-1]), flush=True)
        print("not arrived: %d" % (len(sent) - len(seen)))
    finally:
        for one in reversed(started):
            one.stop()


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("what", choices=("checks", "spam", "queue"))
    p.add_argument("--pairs", type=int, default=3)
    p.add_argument("--rows", default="4,75,500")
    p.add_argument("--n", type=int, default=2000)
    p.add_argument("--signed", type=int, default=200, help="signed messages of each size, sent in turn")
    p.add_argument("--rspamd", action="store_true")
    p.add_argument("--quiet", type=float, default=1)
    p.add_argument("--entries", type=int, default=100000)
    p.add_argument("--dead", type=int, default=1000)
    p.add_argument("--live", type=int, default=10)
    p.add_argument("--seconds", type=int, default=60, help="how long to watch the full queue")
    a = p.parse_args()
    scratch = tempfile.mkdtemp(prefix="flowbench-")
    os.chmod(scratch, 0o755)
    try:
        {"checks": checks, "spam": spam, "queue": queue}[a.what](a, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
