// The purchase through @modelcontextprotocol/client 2.x, in each of its ways to negotiate the protocol.

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';

import { installed, purchase } from './scenario.mjs';

const version = installed('@modelcontextprotocol/client');

for (const [name, mode, protocol] of [
    ['legacy', 'legacy', '2025-11-25'],
    ['pinned', { pin: '2026-07-28' }, '2026-07-28'],
    ['auto', 'auto', '2026-07-28'] // over stdio asks a second server process first
])
    await purchase(`client ${version} (${name})`, protocol, {
        newClient({ capabilities, answer }) {
            const client = new Client({ name: 'acceptance', version }, { capabilities, versionNegotiation: { mode } });
            if (answer) client.setRequestHandler('elicitation/create', async request => answer(request.params));
            return client;
        },
        overStdio: parameters => new StdioClientTransport(parameters),
        overHttp: url => new StreamableHTTPClientTransport(url),
        protocolOf: client => client.getNegotiatedProtocolVersion(),
        call: (client, params, options) => client.callTool(params, options)
    });
