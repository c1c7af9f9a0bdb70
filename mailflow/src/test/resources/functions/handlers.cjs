// Functions as WorkMail's customers write them, and some that nobody should.
'use strict';
const http = require('http');

// ---- callback style

exports.callbackDefault = function (event, context, callback) {
  callback(null, { actions: [{ allRecipients: true, action: { type: 'DEFAULT' } }] });
};

exports.legacyDrop = function (event, context) {
  context.succeed({ actions: [{ allRecipients: true, action: { type: 'DROP' } }] });
};

exports.callbackFails = function (event, context, callback) {
  callback(new Error('no connection to the database'));
};

// ---- promise style

exports.bounce = async (event) => ({
  actions: [
    {
      allRecipients: true,
      action: { type: 'BOUNCE', parameters: { bounceMessage: 'Grüße: against the policy.' } },
    },
  ],
});

exports.dropOne = async (event) => ({
  actions: [
    { action: { type: 'DEFAULT' }, allRecipients: true },
    { action: { type: 'DROP' }, recipients: [event.envelope.recipients[0].address] },
  ],
});

exports.junk = async () => ({
  actions: [{ allRecipients: true, action: { type: 'MOVE_TO_JUNK' } }],
});

exports.bypass = async () => ({
  actions: [{ allRecipients: true, action: { type: 'BYPASS_SPAM_CHECK' } }],
});

exports.onlyBert = async () => ({
  actions: [{ recipients: ['BERT@example.test'], action: { type: 'DEFAULT' } }],
});

exports.addCarl = async () => ({
  actions: [
    { action: { type: 'DEFAULT' }, recipients: ['carl@example.test', 'stranger@far.example'] },
    { action: { type: 'DEFAULT' }, allRecipients: true },
  ],
});

exports.addFriend = async () => ({
  actions: [
    { action: { type: 'DEFAULT' }, recipients: ['archive@far.example', 'nobody@example.test'] },
    { action: { type: 'DEFAULT' }, allRecipients: true },
  ],
});

exports.observe = async (event) => {
  console.error('observed ' + event.messageId);
};

let failuresLeft = 2;
exports.failsTwice = async (event) => {
  if (failuresLeft-- > 0) throw new TypeError('cannot read properties of undefined');
  return { actions: [{ allRecipients: true, action: { type: 'DEFAULT' } }] };
};

exports.fails = async () => {
  throw new Error('always');
};

// The event's message is read and put back with another subject, as by the message-flow API.
exports.disclaimer = async (event) => {
  const url = process.env.MESSAGES + event.messageId;
  const text = await fetched('GET', url);
  await fetched('PUT', url, text.replace(/^Subject: .*$/m, 'Subject: [checked]') + 'A disclaimer.\r\n');
  return { actions: [{ allRecipients: true, action: { type: 'DEFAULT' } }] };
};

exports.replacesAndFails = async (event) => {
  const url = process.env.MESSAGES + event.messageId;
  await fetched('PUT', url, (await fetched('GET', url)).replace(/Hello/, 'Removed'));
  throw new Error('after the replacement');
};

exports.forges = async (event) => {
  const url = process.env.MESSAGES + event.messageId;
  await fetched('PUT', url, (await fetched('GET', url)).replace(/^From: .*$/m, 'From: boss@x.example'));
  return { actions: [{ allRecipients: true, action: { type: 'DEFAULT' } }] };
};

function fetched(method, url, body) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method }, (response) => {
      const chunks = [];
      response.on('data', (chunk) => chunks.push(chunk));
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(text));
      });
    });
    request.on('error', reject);
    request.end(body);
  });
}

// ---- answers that are none

exports.returnsNothing = async () => undefined;
exports.returnsText = async () => 'DROP';
exports.unknownAction = async () => ({
  actions: [{ allRecipients: true, action: { type: 'EXPLODE' } }],
});
exports.noList = async () => ({ actions: { action: { type: 'DROP' } } });
exports.deep = async () => {
  let value = {};
  for (let i = 0; i < 5000; i++) value = { actions: [value] };
  return value;
};
exports.notAnAddress = async () => ({
  actions: [{ recipients: ['\u0000\r\nBcc: x'], action: { type: 'DROP' } }],
});
exports.thousands = async () => ({
  actions: [
    {
      recipients: Array.from({ length: 5000 }, (_, i) => 'a' + i + '@example.test'),
      action: { type: 'DROP' },
    },
  ],
});
exports.huge = async () => ({
  actions: [
    {
      allRecipients: true,
      action: { type: 'BOUNCE', parameters: { bounceMessage: 'x'.repeat(300000) } },
    },
  ],
});

exports.raw = {
  never: () => {},
  endless: (request, response) => {
    response.writeHead(200);
    const more = () => {
      while (response.write('x'.repeat(65536)) && !response.destroyed);
      if (!response.destroyed) response.once('drain', more);
    };
    response.on('error', () => {});
    more();
  },
  trickle: (request, response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write(' '), 50);
    response.on('close', () => clearInterval(timer));
    response.on('error', () => clearInterval(timer));
  },
  garbage: (request, response) => {
    request.socket.end('\u0000\u0001garbage\r\n\r\n');
  },
  cutOff: (request, response) => {
    response.writeHead(200, { 'Content-Length': '1000' });
    response.write('{"actions"');
    setTimeout(() => request.socket.destroy(), 20);
  },
  redirects: (request, response) => {
    response.writeHead(302, { Location: '/2015-03-31/functions/legacyDrop/invocations' });
    response.end();
  },
  throttled: (request, response) => {
    response.writeHead(429);
    response.end(JSON.stringify({ Message: 'Rate exceeded' }));
  },
};
