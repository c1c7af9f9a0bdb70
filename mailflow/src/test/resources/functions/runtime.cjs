// Serves the Invoke API of AWS Lambda for the functions in handlers.cjs, as the Node runtime runs
// them: a handler may call back, or answer with a promise. Prints its port when it listens.
'use strict';
const http = require('http');
const handlers = require('./handlers.cjs');

const seen = [];

function run(handler, event) {
  return new Promise((resolve, reject) => {
    const callback = (error, result) => (error ? reject(error) : resolve(result));
    const context = {
      callbackWaitsForEmptyEventLoop: true,
      awsRequestId: 'r-1',
      getRemainingTimeInMillis: () => 15000,
      done: callback,
      succeed: (result) => callback(null, result),
      fail: (error) => callback(error || new Error('failed')),
    };
    try {
      const answer = handler(event, context, callback);
      if (answer && typeof answer.then === 'function') answer.then(resolve, reject);
    } catch (error) {
      reject(error);
    }
  });
}

function failure(error) {
  const e = error instanceof Error ? error : { name: 'Error', message: String(error) };
  return JSON.stringify({ errorType: e.name, errorMessage: e.message, trace: [] });
}

const server = http.createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', async () => {
    if (request.method === 'GET') {
      response.end(JSON.stringify(seen));
      return;
    }
    const match = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(request.url);
    const name = match && decodeURIComponent(match[1]).split(':').pop();
    const event = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    seen.push({ name, event, headers: request.headers });
    if (handlers.raw[name]) {
      handlers.raw[name](request, response);
      return;
    }
    const handler = handlers[name];
    if (!handler) {
      response.writeHead(404, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify({ Type: 'User', Message: 'Function not found: ' + name }));
      return;
    }
    if (request.headers['x-amz-invocation-type'] === 'Event') {
      response.writeHead(202);
      response.end();
      run(handler, event).catch(() => {});
      return;
    }
    try {
      const result = await run(handler, event);
      response.writeHead(200, { 'Content-Type': 'application/json' });
      response.end(result === undefined ? 'null' : JSON.stringify(result));
    } catch (error) {
      response.writeHead(200, { 'X-Amz-Function-Error': 'Unhandled' });
      response.end(failure(error));
    }
  });
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
// The test that started it has gone: so does this.
process.stdin.on('end', () => process.exit(0)).resume();
