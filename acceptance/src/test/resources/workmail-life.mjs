// The life of an organization through AWS's SDK for JavaScript, then every operation that it knows. Ends with status 0 if all is as it should be.
import assert from "node:assert/strict";
import * as sdk from "@aws-sdk/client-workmail";

const client = new sdk.WorkMailClient({ maxAttempts: 1 });
const call = (name, input = {}) => client.send(new sdk[name + "Command"](input));
const refuses = async (error, name, input) => {
  await assert.rejects(call(name, input), (e) => {
    assert.equal(e.name, error, `${name}: ${e.name} ${e.message}`);
    assert.ok(e.$metadata.requestId, "a request id");
    return true;
  });
};

const { OrganizationId } = await call("CreateOrganization", { Alias: "script" });
const o = { OrganizationId };
const described = await call("DescribeOrganization", o);
assert.equal(described.State, "Active");
assert.ok(described.CompletedDate instanceof Date);
await refuses("NameAvailabilityException", "CreateOrganization", { Alias: "script" });

await call("RegisterMailDomain", { ...o, DomainName: "script.example" });
await refuses("MailDomainNotFoundException", "GetMailDomain", { ...o, DomainName: "no.example" });
const users = [];
for (let i = 0; i < 5; i++) {
  const { UserId } = await call("CreateUser", { ...o, Name: `user${i}`, DisplayName: `User ${i}`, Password: "Correct-horse-9" });
  await call("RegisterToWorkMail", { ...o, EntityId: UserId, Email: `user${i}@script.example` });
  users.push(UserId);
}
const names = [];
for await (const page of sdk.paginateListUsers({ client, pageSize: 2 }, { ...o, Filters: { UsernamePrefix: "user" } })) {
  assert.ok(page.Users.length <= 2);
  names.push(...page.Users.map((user) => user.Name));
}
assert.deepEqual(names, ["user0", "user1", "user2", "user3", "user4"]);
const { GroupId } = await call("CreateGroup", { ...o, Name: "team" });
await call("AssociateMemberToGroup", { ...o, GroupId, MemberId: users[0] });
assert.equal((await call("ListGroupMembers", { ...o, GroupId })).Members[0].Id, users[0]);
await call("PutMailboxPermissions", { ...o, EntityId: users[0], GranteeId: users[1], PermissionValues: ["FULL_ACCESS"] });
await call("UpdateMailboxQuota", { ...o, UserId: users[0], MailboxQuota: 100 });
assert.equal((await call("GetMailboxDetails", { ...o, UserId: users[0] })).MailboxQuota, 100);
await refuses("EntityStateException", "DeleteUser", { ...o, UserId: users[0] });

// Every operation: an answer, or an error that is not ours to blame for.
const plain = {
  ...o, DomainName: "no.example", UserId: users[0], EntityId: users[0], GroupId, MemberId: users[1], GranteeId: users[1], ResourceId: "r-" + "0".repeat(32),
  Email: "user0@script.example", Name: "example", IpAddress: "10.0.0.1", Action: "IMAP", MaxResults: 10, DeviceId: "DEVICE",
  ResourceARN: described.ARN, Tags: [], TagKeys: [],
};
const blamed = new Set(["InternalFailure", "SerializationException", "UnknownOperationException"]);
const commands = Object.keys(sdk).filter((name) => name.endsWith("Command") && !name.startsWith("$")).map((name) => name.slice(0, -7));
let answered = 0;
for (const name of commands) {
  if (name === "DeleteOrganization") continue;
  try {
    await client.send(new sdk[name + "Command"](plain)); // The SDK leaves out what the operation does not have.
  } catch (e) {
    assert.ok(e.$metadata?.httpStatusCode, `${name}: ${e}`);
    assert.ok(!blamed.has(e.name), `${name}: ${e.name} ${e.message}`);
  }
  answered++;
}
assert.ok(answered >= 91, `only ${answered} operations`);
console.log("every operation answered");

for (const user of users) await call("DeregisterFromWorkMail", { ...o, EntityId: user });
await call("DeleteOrganization", { ...o, DeleteDirectory: true, ForceDelete: true });
assert.match((await call("DescribeOrganization", o)).State, /^Delet(ing|ed)$/);
await refuses("OrganizationStateException", "ListUsers", o);
console.log("removed");
