"""The WorkMail API for the drivers: AWS JSON 1.1 with Signature Version 4, standard library only."""
import datetime, hashlib, hmac, json, ssl, urllib.error, urllib.request


class Api:
    def __init__(self, ready):
        self.host = ready["endpoints"]["api"]
        self.key, self.secret, self.region = ready["accessKeyId"], ready["secretAccessKey"], ready["region"]
        self.context = ssl.create_default_context(cafile=ready["caCertificate"])

    def __call__(self, operation, **members):
        body = json.dumps(members).encode()
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        headers = {"content-type": "application/x-amz-json-1.1", "host": self.host, "x-amz-date": now,
                   "x-amz-target": "WorkMailService." + operation}
        names = ";".join(sorted(headers))
        canonical = "\n".join(["POST", "/", ""] + ["%s:%s" % (k, headers[k]) for k in sorted(headers)]
                              + ["", names, hashlib.sha256(body).hexdigest()])
        scope = "%s/%s/workmail/aws4_request" % (now[:8], self.region)
        to_sign = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
        key = ("AWS4" + self.secret).encode()
        for part in (now[:8], self.region, "workmail", "aws4_request"):
            key = hmac.new(key, part.encode(), hashlib.sha256).digest()
        signature = hmac.new(key, to_sign.encode(), hashlib.sha256).hexdigest()
        headers["authorization"] = "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s" % (self.key, scope, names, signature)
        request = urllib.request.Request("https://" + self.host + "/", body, headers, method="POST")
        try:
            with urllib.request.urlopen(request, context=self.context, timeout=60) as answer:
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as e:
            raise RuntimeError("%s: HTTP %d %s" % (operation, e.code, e.read().decode()[:500])) from None
