// The purchase through @modelcontextprotocol/sdk 1.x, which most hosts use.

import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StdioClientTransport } from '@modelcontextprotocol/sdk/client/stdio.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js';

import { installed, purchase } from './scenario.mjs';

const version = installed('@modelcontextprotocol/sdk');

await purchase(`sdk ${version}`, '2025-11-25', {
    newClient({ capabilities, answer }) {
        const client = new Client({ name: 'acceptance', version }, { capabilities });
        if (answer) client.setRequestHandler(ElicitRequestSchema, async request => answer(request.params));
        return client;
    },
    overStdio(parameters) {
        const transport = new StdioClientTransport(parameters);
        // The client keeps the version to itself and only tells its transport.
        transport.setProtocolVersion = negotiated => (transport.negotiated = negotiated);
        return transport;
    },
    overHttp: url => new StreamableHTTPClientTransport(url),
    protocolOf: (_client, transport) => transport.negotiated ?? transport.protocolVersion,
    call: (client, params, options) => client.callTool(params, undefined, options)
});
