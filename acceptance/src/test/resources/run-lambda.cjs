// A function as WorkMail's customers write them, behind the Invoke API: it reads the message with
// the AWS CLI, replaces it by way of a bucket, and says what is to become of it. Prints its port
// when it listens. Arguments: endpoint, folder that is the bucket, name of the bucket.
'use strict';
const { execFile } = require('child_process');
const fs = require('fs');
const http = require('http');
const path = require('path');
const { promisify } = require('util');

const [endpoint, folder, bucket] = process.argv.slice(2);
const run = promisify(execFile);
const flow = (...words) =>
  run('/usr/bin/aws', ['--endpoint-url', endpoint, 'workmailmessageflow', ...words]);
let calls = 0;

exports.handler = async (event) => {
  const messageId = event.messageId;
  const original = path.join(folder, `original-${messageId}`);
  await flow('get-raw-message-content', '--message-id', messageId, original);
  const text = fs.readFileSync(original, 'latin1');
  const key = `updated-${messageId}`;
  fs.writeFileSync(
    path.join(folder, key),
    text
      .replace(/^Subject: /m, 'Subject: [External] ')
      .replace('Hello.', `Hello. Seen by the function in ${event.flowDirection}.`),
    'latin1');
  await flow(
    'put-raw-message-content', '--message-id', messageId,
    '--content', `s3Reference={bucket=${bucket},key=${key}}`);
  const drop = event.envelope.recipients
    .map((recipient) => recipient.address)
    .filter((address) => address.startsWith('u1@'));
  return {
    actions: [
      { allRecipients: true, action: { type: 'DEFAULT' } },
      ...(drop.length ? [{ recipients: drop, action: { type: 'DROP' } }] : []),
    ],
  };
};

http
  .createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', async () => {
      if (request.method === 'GET') {
        response.end(String(calls));
        return;
      }
      calls++;
      try {
        const answer = await exports.handler(JSON.parse(Buffer.concat(chunks).toString('utf8')));
        response.writeHead(200, { 'Content-Type': 'application/json' });
        response.end(JSON.stringify(answer));
      } catch (error) {
        console.error(error);
        response.writeHead(200, { 'X-Amz-Function-Error': 'Unhandled' });
        response.end(JSON.stringify({ errorType: error.name, errorMessage: error.message }));
      }
    });
  })
  .listen(Number(process.env.FUNCTION_PORT), '127.0.0.1', () => console.log('ready'));
// The test that started it has gone: so does this.
process.stdin.on('end', () => process.exit(0)).resume();
