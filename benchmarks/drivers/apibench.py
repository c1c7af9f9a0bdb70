#!/usr/bin/env python3
"""The WorkMail API under load: pages of ListUsers over many users, DescribeUser and UpdateUser per second.

  benchmarks/drivers/apibench.py --users 100000 --seconds 10 --clients 4

Starts a service of this checkout with a scratch data folder, makes the users over the API, and prints one JSON object a line. Times of pages are in milliseconds as a client on the loopback address sees
them (TLS, one connection kept); `server_cpu_us` is the server's CPU time per call in microseconds. Clients are processes of their own: signing in Python costs about as much as answering."""
import argparse, datetime, hashlib, hmac, http.client, json, multiprocessing, os, shutil, ssl, statistics, sys, tempfile, time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from servers import DOMAIN, Mailstead

TICKS = os.sysconf("SC_CLK_TCK")


class Connection:
    """One kept connection to the API; its signing key is derived once."""

    def __init__(self, ready):
        self.host, self.region, self.key_id = ready["endpoints"]["api"], ready["region"], ready["accessKeyId"]
        self.secret, self.ca = ready["secretAccessKey"], ready["caCertificate"]
        name, port = self.host.rsplit(":", 1)
        self.http = http.client.HTTPSConnection(name, int(port), context=ssl.create_default_context(cafile=self.ca), timeout=120)
        self.day, self.signing_key = None, None

    def __call__(self, operation, **members):
        body = json.dumps(members).encode()
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        if self.day != now[:8]:
            self.day, self.signing_key = now[:8], ("AWS4" + self.secret).encode()
            for part in (self.day, self.region, "workmail", "aws4_request"):
                self.signing_key = hmac.new(self.signing_key, part.encode(), hashlib.sha256).digest()
        target = "WorkMailService." + operation
        names = "content-type;host;x-amz-date;x-amz-target"
        canonical = ("POST\n/\n\ncontent-type:application/x-amz-json-1.1\nhost:%s\nx-amz-date:%s\nx-amz-target:%s\n\n%s\n%s"
                     % (self.host, now, target, names, hashlib.sha256(body).hexdigest()))
        scope = "%s/%s/workmail/aws4_request" % (self.day, self.region)
        signature = hmac.new(self.signing_key, ("AWS4-HMAC-SHA256\n%s\n%s\n%s" % (now, scope, hashlib.sha256(canonical.encode()).hexdigest())).encode(),
                             hashlib.sha256).hexdigest()
        self.http.request("POST", "/", body, {
            "Host": self.host, "Content-Type": "application/x-amz-json-1.1", "X-Amz-Date": now, "X-Amz-Target": target,
            "Authorization": "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s" % (self.key_id, scope, names, signature)})
        answer = self.http.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError("%s: HTTP %d %s" % (operation, answer.status, text[:300]))
        return json.loads(text or b"{}")


def cpu_us(pid):
    fields = open("/proc/%d/stat" % pid).read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * 1e6 / TICKS


def make(ready, organization, start, end):
    api = Connection(ready)
    for i in range(start, end):
        name = "user%06d" % i
        api("CreateUser", OrganizationId=organization, Name=name, DisplayName="User Number %d" % i, FirstName="User", LastName="Number %d" % i)


def call(ready, organization, ids, operation, end, result):
    api, count, times = Connection(ready), 0, []
    while time.time() < end:
        user = ids[count * 7919 % len(ids)]
        began = time.perf_counter()
        if operation == "UpdateUser":
            api(operation, OrganizationId=organization, UserId=user, Department="Department %d" % count)
        else:
            api(operation, OrganizationId=organization, UserId=user)
        times.append(time.perf_counter() - began)
        count += 1
    result.put((count, sorted(times)))


def in_parallel(clients, target, arguments):
    processes = [multiprocessing.Process(target=target, args=arguments(i)) for i in range(clients)]
    for p in processes:
        p.start()
    return processes


def percentile(values, share):
    return values[min(len(values) - 1, int(len(values) * share))]


def pages(ready, organization, rounds):
    api = Connection(ready)
    for round in range(rounds):
        token, times, ids = None, [], []
        while True:
            began = time.perf_counter()
            page = api("ListUsers", OrganizationId=organization, MaxResults=100, **({"NextToken": token} if token else {}))
            times.append((time.perf_counter() - began) * 1e3)
            ids += [user["Id"] for user in page["Users"]]
            token = page.get("NextToken")
            if not token:
                break
        tenth = max(1, len(times) // 10)
        print(json.dumps({"op": "ListUsers", "round": round + 1, "users": len(ids), "pages": len(times), "p50_ms": round_(statistics.median(times)),
                          "p99_ms": round_(percentile(sorted(times), 0.99)), "first_tenth_p50_ms": round_(statistics.median(times[:tenth])),
                          "last_tenth_p50_ms": round_(statistics.median(times[-tenth:]))}), flush=True)
    return ids


def round_(value):
    return float("%.3g" % value)


def rate(server, organization, ids, operation, clients, seconds):
    results = multiprocessing.Queue()
    for warm in (True, False):
        end = time.time() + (seconds / 2 if warm else seconds)
        before = cpu_us(server.pid)
        processes = in_parallel(clients, call, lambda i: (server.ready, organization, ids[i::clients], operation, end, results))
        got = [results.get() for _ in processes]
        for p in processes:
            p.join()
        used = cpu_us(server.pid) - before
    count = sum(g[0] for g in got)
    times = sorted(t for g in got for t in g[1])
    print(json.dumps({"op": operation, "clients": clients, "calls_per_s": round_(count / seconds), "p50_ms": round_(percentile(times, 0.5) * 1e3),
                      "p99_ms": round_(percentile(times, 0.99) * 1e3), "server_cpu_us": round_(used / count)}), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--users", type=int, default=100_000)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seconds", type=float, default=10)
    options = parser.parse_args()
    for name, value in (("LIMITS_BEYOND_THE_GUIDE", "true"), ("LIMITS_USERS_PER_ORGANIZATION", str(options.users + 1000)),
                        ("API_READS_PER_SECOND", "1000000"), ("API_WRITES_PER_SECOND", "1000000"), ("API_HEAVY_PER_SECOND", "1000000")):
        os.environ["MAILSTEAD_" + name] = value
    scratch = tempfile.mkdtemp(prefix="apibench-")
    server = Mailstead(scratch, 0)
    try:
        organization = server.ready["organizationId"]
        began, share = time.time(), options.users // options.clients + 1
        before = cpu_us(server.pid)
        for p in in_parallel(options.clients, make, lambda i: (server.ready, organization, i * share, min((i + 1) * share, options.users))):
            p.join()
        print(json.dumps({"op": "CreateUser", "clients": options.clients, "calls_per_s": round_(options.users / (time.time() - began)),
                          "server_cpu_us": round_((cpu_us(server.pid) - before) / options.users)}), flush=True)
        ids = pages(server.ready, organization, 3)
        for operation in ("DescribeUser", "UpdateUser"):
            rate(server, organization, ids, operation, options.clients, options.seconds)
    finally:
        server.stop()
        shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
