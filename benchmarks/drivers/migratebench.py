#!/usr/bin/env python3
"""Moves one mailbox of mixed messages from a Dovecot (mdbox) to another, with each tool in turn into a fresh user:
`mailstead migrate run` (durable ledger), mbsync, doveadm backup over imapc. Prints a JSON line for each run, and the medians with their ratios.

  migratebench.py --count 20000 --rounds 3 [--scale 0.2] [--tools mailstead,mbsync,doveadm] [--delay 40]
--target mailstead writes into Mailstead from this checkout instead (then only with --tools mailstead,mbsync).
--delay puts that round trip (ms) in front of the source. Verification by `mailstead migrate verify` is timed apart.
"""
import argparse, json, os, queue, shutil, socket, statistics, subprocess, sys, tempfile, threading, time
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imapwire import Imap
from make_corpus import Corpus
from servers import Dovecot, HOME, Mailstead, PASSWORD, free_port

FOLDERS = ["INBOX", "Sent", "Projects", "Projects/2026", "Lists"]


def fill(port, user, count, scale):
    c = Imap("127.0.0.1", port, user, PASSWORD)
    for name in FOLDERS[1:]:
        c.cmd("CREATE " + name)
    batch = {name: [] for name in FOLDERS}
    total = 0
    for i, m in enumerate(Corpus(seed=1, scale=scale).messages(count)):
        total += len(m)
        name = FOLDERS[i % len(FOLDERS)]
        batch[name].append(m)
        if len(batch[name]) == 50:
            c.append(name, batch[name], mode="multi", flags="\\Seen" if i % 2 else "\\Flagged")
            batch[name] = []
    for name, rest in batch.items():
        if rest:
            c.append(name, rest, mode="multi")
    c.close()
    return total


def count(port, user):
    c = Imap("127.0.0.1", port, user, PASSWORD)
    n = 0
    # What goes to a special folder has that one's name in the target.
    for name in FOLDERS + ["\"Sent Items\""]:
        data = c.cmd("STATUS %s (MESSAGES)" % name, keep=True, check=False).data
        if b"MESSAGES " in data:
            n += int(data.split(b"MESSAGES ")[1].split(b")")[0])
    c.close()
    return n


class Delay:
    """A round trip of so many milliseconds in front of a port, half each way."""

    def __init__(self, port, ms):
        self.target, self.half = port, ms / 2000.0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            a, _ = self.listener.accept()
            b = socket.create_connection(("127.0.0.1", self.target))
            for s in (a, b):
                s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for x, y in ((a, b), (b, a)):
                q = queue.Queue(4096)
                threading.Thread(target=self.read, args=(x, q), daemon=True).start()
                threading.Thread(target=self.write, args=(y, q), daemon=True).start()

    def read(self, s, q):
        while True:
            try:
                data = s.recv(1 << 18)
            except OSError:
                data = b""
            q.put((time.monotonic() + self.half, data))
            if not data:
                return

    def write(self, s, q):
        while True:
            due, data = q.get()
            wait = due - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            try:
                if not data:
                    s.shutdown(socket.SHUT_RDWR)
                    return
                s.sendall(data)
            except OSError:
                return


def settings(folder, src, dst, user):
    path = os.path.join(folder, "migration.toml")
    with open(path, "w") as f:
        f.write("""
work = "work"
[source]
profile = "dovecot"
host = "127.0.0.1"
port = %d
security = "plain"
password = '%s'
[target]
profile = "generic"
host = "127.0.0.1"
port = %d
security = "plain"
password = '%s'
[[mailbox]]
source = "u0000"
target = "%s"
""" % (src, PASSWORD, dst, PASSWORD, user))
    return path


def command(tool, folder, src, dst, user, target):
    if tool == "mailstead":
        return [os.path.join(HOME, "mailstead"), "migrate", "run", "--quiet", settings(folder, src, dst, user)]
    if tool == "mbsync":
        rc = os.path.join(folder, "rc")
        with open(rc, "w") as f:
            for name, port, login in (("s", src, "u0000"), ("d", dst, user)):
                f.write("IMAPAccount %s\nHost 127.0.0.1\nPort %d\nUser %s\nPass %s\nSSLType None\nAuthMechs LOGIN\nTimeout 120\n\n"
                        "IMAPStore %s\nAccount %s\n\n" % (name, port, login, PASSWORD, name, name))
            f.write("Channel c\nFar :s:\nNear :d:\nPatterns *\nCreate Near\nSync Pull\nCopyArrivalDate yes\nSyncState %s/state/\n" % folder)
        os.mkdir(os.path.join(folder, "state"))
        return ["mbsync", "-q", "-c", rc, "-a"]
    return ["doveadm", "-c", target.conf, "-o", "imapc_host=127.0.0.1", "-o", "imapc_port=%d" % src, "-o", "imapc_user=u0000",
            "-o", "imapc_password=" + PASSWORD, "-o", "imapc_features=rfc822.size fetch-headers", "-o", "mail_prefetch_count=20",
            "backup", "-R", "-u", user, "imapc:"]


def timed(words):
    before = os.times()
    start = time.perf_counter()
    done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    seconds = time.perf_counter() - start
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return done.returncode, seconds, cpu, done.stdout.strip().splitlines()[-1:]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--count", type=int, default=20000)
    p.add_argument("--scale", type=float, default=0.1)
    p.add_argument("--rounds", type=int, default=3)
    p.add_argument("--tools", default="mailstead,mbsync,doveadm")
    p.add_argument("--target", choices=["dovecot", "mailstead"], default="dovecot")
    p.add_argument("--delay", type=float, default=0)
    a = p.parse_args()
    scratch = tempfile.mkdtemp(prefix="migratebench")
    source = Dovecot(scratch, 1)
    target = Dovecot(scratch, 100) if a.target == "dovecot" else Mailstead(scratch, a.rounds * 2)
    try:
        octets = fill(source.imap, "u0000", a.count, a.scale)
        src = Delay(source.imap, a.delay).port if a.delay else source.imap
        print(json.dumps({"messages": a.count, "megabytes": round(octets / 1e6, 1), "delay_ms": a.delay}), flush=True)
        rates, number = {}, 0
        for _ in range(a.rounds):
            for tool in a.tools.split(","):
                user = target.user_form % number
                number += 1
                folder = tempfile.mkdtemp(prefix=tool, dir=scratch)
                words = command(tool, folder, src, target.imap, user, target)
                code, seconds, cpu, last = timed(words)
                there = count(target.imap, user)
                row = {"tool": tool, "rc": code, "messages": there, "seconds": round(seconds, 2), "per_s": round(there / seconds), "tool_cpu_s": round(cpu, 2)}
                if code or there != a.count:
                    row["last"] = last
                if tool == "mailstead":
                    again = timed(words)
                    verify = timed([words[0], "migrate", "verify", "--quiet", words[-1]])
                    row.update(again_s=round(again[1], 2), verify_s=round(verify[1], 2), verified=verify[3])
                else:
                    row["again_s"] = round(timed(words)[1], 2)
                rates.setdefault(tool, []).append(there / seconds)
                print(json.dumps(row), flush=True)
        medians = {tool: round(statistics.median(v)) for tool, v in rates.items()}
        best = medians.get("mailstead", 0)
        print(json.dumps({"median_per_s": medians, "mailstead_to": {t: round(best / v, 2) for t, v in medians.items() if v and t != "mailstead"}}))
    finally:
        source.stop()
        target.stop()
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
