#!/usr/bin/env python3
"""What each tool keeps: messages, octets, flags, keywords, received dates, folders. A Dovecot (mdbox) holds every message of the corpus folders
and generated ones, with flags, keywords and dates of all sorts; each tool carries them into a fresh user of another Dovecot; everything is read
back from both and compared.

  fidelity.py --count 20000 [--tools mailstead,mbsync,doveadm] [--corpus FOLDER ...]
One JSON line for each tool, then a Markdown table.
"""
import argparse, glob, hashlib, imaplib, json, os, random, re, shutil, sys, tempfile, time
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from imapwire import Imap, ImapError
from make_corpus import Corpus
from migratebench import command, timed
from servers import Dovecot, HOME, PASSWORD

FOLDERS = ["INBOX", "Sent", "Projects", "Projects/2026", "Projects/2026/Q&A", "Gr&APYA3w-e", "Lists"]
FLAGS = ["\\Seen", "\\Flagged", "\\Answered", "\\Draft", "\\Deleted"]
KEYWORDS = ["$Forwarded", "$MDNSent", "work", "$Label1", "later-2", "NonJunk"]
imaplib._MAXLINE = 1 << 26
# mbsync finds messages again by a field that it adds: they are the same for all but the octets.
TUID = re.compile(rb"^X-TUID: [^\r\n]*\r?\n", re.M)


def connect(port, user):
    c = imaplib.IMAP4("127.0.0.1", port)
    c.login(user, PASSWORD)
    return c


def quoted(name):
    return '"%s"' % name.replace("&", "&-").replace("&-APYA3w-", "&APYA3w-")


def date(chance):
    zone = chance.choice([-43200, -28800, -12600, 0, 3600, 20700, 50400])
    t = time.gmtime(chance.choice([0, 86400 * 365 * 5, 951782400, 1709164800]) + chance.randrange(10 ** 8) + zone)
    sign, z = "-" if zone < 0 else "+", abs(zone)
    return '"%s %s%02d%02d"' % (time.strftime("%d-%b-%Y %H:%M:%S", t), sign, z // 3600, z // 60 % 60)


def fill(port, user, count, scale, corpus):
    c = connect(port, user)
    for name in FOLDERS[1:]:
        c.create(quoted(name))
    chance, number, own, refused = random.Random(5), 0, 0, 0
    messages, batches, raw = [], {}, Imap("127.0.0.1", port, user, PASSWORD)
    for folder in corpus:
        for path in sorted(glob.glob(os.path.join(folder, "**", "*.eml"), recursive=True)):
            with open(path, "rb") as f:
                messages.append(f.read())
    own = len(messages)
    for m in list(messages) + list(Corpus(seed=9, scale=scale).messages(count)):
        flags = [f for f in FLAGS if chance.random() < 0.3] + [k for k in KEYWORDS if chance.random() < 0.15]
        name = FOLDERS[number % len(FOLDERS)]
        batch = batches.setdefault(name, [])
        batch.append(("(%s) %s" % (" ".join(flags), date(chance)), m))
        if len(batch) == 100:
            refused += append(raw, name, batches.pop(name))
        number += 1
    for name, batch in batches.items():
        refused += append(raw, name, batch)
    raw.close()
    c.logout()
    return {"messages": number - refused, "from_corpus": own, "refused_by_dovecot": refused}


def append(c, name, batch):
    """One MULTIAPPEND, or one APPEND for each where that is refused; how many are refused then."""
    tag = c.tag()
    words = [b"%s APPEND %s" % (tag.encode(), quoted(name).encode())]
    for head, m in batch:
        words += [b" %s {%d+}\r\n" % (head.encode(), len(m)), m]
    c.s.sendall(b"".join(words) + b"\r\n")
    try:
        if c.finish(tag, keep=True).status.split(" ")[1] == "OK":
            return 0
    except ImapError:
        pass
    return 1 if len(batch) == 1 else sum(append(c, name, [one]) for one in batch)


def picture(port, user):
    """folder -> list of (sha256 without X-TUID, flags, keywords, date, sha256) in the order of UIDs"""
    c = connect(port, user)
    seen = {}
    for line in c.list()[1]:
        raw = re.match(rb'\(([^)]*)\) "?/"? (.*)', line)
        if b"\\Noselect" in raw.group(1):
            continue
        name = raw.group(2)
        status, data = c.select(name.decode() if name.startswith(b'"') else '"%s"' % name.decode(), readonly=True)
        rows = []
        for first in range(1, int(data[0]) + 1, 500):
            status, parts = c.fetch("%d:%d" % (first, min(int(data[0]), first + 499)), "(UID FLAGS INTERNALDATE BODY.PEEK[])")
            for part in parts:
                if not isinstance(part, tuple):
                    continue
                head = part[0].decode("latin-1")
                words = set(re.search(r"FLAGS \(([^)]*)\)", head).group(1).split()) - {"\\Recent"}
                when = imaplib.Internaldate2tuple(part[0])
                rows.append((hashlib.sha256(TUID.sub(b"", part[1], 1)).hexdigest(), frozenset(w for w in words if w[0] == "\\"), frozenset(w for w in words if w[0] != "\\"), time.mktime(when), hashlib.sha256(part[1]).hexdigest()))
        seen[name.decode().strip('"')] = rows
    c.logout()
    return seen


def compare(source, target):
    row = {"messages": 0, "octets": 0, "flags": 0, "keywords": 0, "dates": 0, "order": 0, "missing": 0, "extra": 0,
           "folders": len([n for n in source if n in target]), "folders_of": len(source)}
    for name, rows in source.items():
        there = target.get(name, [])
        row["messages"] += len(rows)
        row["order"] += sum(a[0] == b[0] for a, b in zip(rows, there))
        left = {}
        for r in there:
            left.setdefault(r[0], []).append(r)
        for r in rows:
            same = left.get(r[0])
            if not same:
                row["missing"] += 1
                continue
            # Of equal messages the one that is most alike.
            best = max(same, key=lambda s: (s[4] == r[4], (s[1] == r[1]) + (s[2] == r[2]) + (s[3] == r[3])))
            same.remove(best)
            row["octets"] += best[4] == r[4]
            row["flags"] += best[1] == r[1]
            row["keywords"] += best[2] == r[2]
            row["dates"] += best[3] == r[3]
        row["extra"] += sum(map(len, left.values()))
    return row


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--count", type=int, default=20000)
    p.add_argument("--scale", type=float, default=0.1)
    p.add_argument("--tools", default="mailstead,mbsync,doveadm")
    p.add_argument("--corpus", nargs="*", default=[os.path.join(HOME, "formats", "src", "test", "resources", "corpus")])
    a = p.parse_args()
    scratch = tempfile.mkdtemp(prefix="fidelity")
    source, target = Dovecot(scratch, 1), Dovecot(scratch, 20)
    try:
        print(json.dumps(fill(source.imap, "u0000", a.count, a.scale, a.corpus)), flush=True)
        before, rows = picture(source.imap, "u0000"), []
        for number, tool in enumerate(a.tools.split(",")):
            user = "u%04d" % number
            words = command(tool, tempfile.mkdtemp(prefix=tool, dir=scratch), source.imap, target.imap, user, target)
            code, seconds, _, last = timed(words)
            row = dict(tool=tool, rc=code, seconds=round(seconds, 1), **compare(before, picture(target.imap, user)))
            rows.append(row)
            print(json.dumps(row), flush=True)
        if picture(source.imap, "u0000") != before:
            print("the source was changed")
        keys = ["messages", "octets", "flags", "keywords", "dates", "order", "missing", "extra"]
        print("| tool | " + " | ".join(keys) + " | folders |\n|" + "---|" * (len(keys) + 2))
        for r in rows:
            print("| %s | %s | %d of %d |" % (r["tool"], " | ".join(str(r[k]) for k in keys), r["folders"], r["folders_of"]))
    finally:
        source.stop()
        target.stop()
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
