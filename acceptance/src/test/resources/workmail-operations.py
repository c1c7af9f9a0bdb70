"""Every operation that the AWS CLI's library knows, called once: an answer that it reads, or an error of the API's own. Arguments: endpoint, organization id."""
import sys

try:  # Version 2 of the CLI carries its library inside.
    import awscli.botocore as botocore
    import awscli.botocore.session as session
except ImportError:
    import botocore
    import botocore.session as session

endpoint, organization = sys.argv[1:]
client = session.get_session().create_client("workmail", endpoint_url=endpoint)
model = client.meta.service_model
SAMPLES = {
    "OrganizationId": organization, "DomainName": "no.example", "Email": "nobody@no.example", "IpAddress": "10.0.0.1", "DeviceId": "DEVICE",
    "Password": "Correct-horse-9", "ResourceId": "r-" + "0" * 32, "ResourceARN": "arn:aws:workmail:us-east-1:123456789012:organization/" + organization,
    "RoleArn": "arn:aws:iam::123456789012:role/example", "KmsKeyArn": "arn:aws:kms:us-east-1:123456789012:key/example",
    "LogGroupArn": "arn:aws:logs:us-east-1:123456789012:log-group:example:*", "S3BucketName": "example",
}


def value(name, shape):
    if name in SAMPLES:
        return SAMPLES[name]
    if shape.type_name == "structure":
        return {m: value(m, shape.members[m]) for m in shape.required_members}
    if shape.type_name == "list":
        return [value(name, shape.member)] if shape.metadata.get("min", 0) else []
    if shape.type_name == "boolean":
        return True
    if shape.type_name in ("integer", "long"):
        return 100
    return shape.enum[0] if getattr(shape, "enum", None) else "example-example"


answers = refusals = 0
for operation in model.operation_names:
    if operation == "DeleteOrganization":
        continue
    shape = model.operation_model(operation).input_shape
    arguments = {member: value(member, shape.members[member]) for member in shape.required_members}
    method = getattr(client, botocore.xform_name(operation))
    try:
        method(**arguments)
        answers += 1
    except client.exceptions.ClientError as error:
        code = error.response["Error"]["Code"]
        declared = {shape.name for shape in model.operation_model(operation).error_shapes}
        frame = {"ValidationException", "NotImplementedException"}
        if code not in declared | frame:
            sys.exit("%s answered %s: %s" % (operation, code, error))
        if not error.response["Error"]["Message"]:
            sys.exit("%s answered %s without a text" % (operation, code))
        refusals += 1
print("operations: %d, answers: %d, refusals: %d" % (answers + refusals, answers, refusals))
if answers < 10 or answers + refusals < 79:
    sys.exit("too few")
