// A purchase through the MCP Inspector: its command line, which asks once, and mcpdo, which keeps a connection and dialogs.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { homedir } from 'node:os';
import { promisify } from 'node:util';

const [url, server] = process.argv.slice(2);
const bin = name => new URL(`node_modules/.bin/${name}`, import.meta.url).pathname;
const TOOLS = ['create_order', 'find_offers', 'get_offer', 'get_order', 'list_orders', 'preview_order'];
const LINES = [{ offer_id: '610000000001', quantity: 2 }];
const ADDRESS = { full_name: '李明', mobile: '13800001234', province: '浙江省', city: '杭州市', street: '江南大道100号' };

const run = promisify(execFile);
const env = { ...process.env, MCP_INSPECTOR_SECRET_STORE: 'memory' };
let failed = 0;
let passed = 0;

async function told(program, ...args) {
    const { stdout } = await run(process.execPath, [bin(program), ...args], { env, timeout: 60_000 });
    return stdout;
}

async function ok(what, test) {
    try {
        await test();
        passed += 1;
        console.log(`ok ${what}`);
    } catch (error) {
        failed += 1;
        const said = [error.message, error.stdout, error.stderr].filter(Boolean).join(' ');
        console.log(`FAILED ${what} -- ${said.replace(/\s+/g, ' ').slice(0, 600)}`);
    }
}

const names = text => JSON.parse(text).tools.map(tool => tool.name).sort();

for (const [transport, ...target] of [
    ['stdio', server, 'serve'],
    ['http', url]
]) {
    const cli = (...args) => told('mcp-inspector', '--cli', ...target, '--transport', transport, ...args);

    await ok(`cli over ${transport}: lists the six tools, whose schemas every client can read`, async () => {
        assert.deepEqual(names(await cli('--method', 'tools/list', '--strict')), TOOLS);
    });

    await ok(`cli over ${transport}: previews a basket`, async () => {
        const given = [`lines=${JSON.stringify(LINES)}`, `address=${JSON.stringify(ADDRESS)}`];
        const args = given.flatMap(argument => ['--tool-arg', argument]);
        const result = JSON.parse(await cli('--method', 'tools/call', '--tool-name', 'preview_order', ...args));
        assert.equal(result.structuredContent.orderable, true);
    });

    for (const era of ['legacy', 'modern']) await purchase(transport, target, era);
}

/** The purchase through mcpdo, whose dialogs are answered by a second command. */
async function purchase(transport, target, era) {
    const who = `mcpdo over ${transport} (${era})`;
    let connection;
    const mcpdo = async (...args) => JSON.parse(await told('mcpdo', '--format', 'json', ...args));
    const call = (tool, given) => mcpdo('--connection', connection, 'tools/call', tool, JSON.stringify(given));
    const preview = async () => (await call('preview_order', { lines: LINES, address: ADDRESS })).structuredContent;
    const asked = async basket => {
        const given = { preview_token: basket.preview_token, expected_total: basket.totals.payable };
        const { elicitationPending } = await call('create_order', given);
        assert.ok(JSON.stringify(elicitationPending).includes(basket.totals.payable), 'the dialog does not say the total');
        return elicitationPending.elicitationId;
    };
    const respond = (id, ...answer) => mcpdo('--connection', connection, 'elicitation/respond', id, ...answer);

    await ok(`${who}: connects in this generation`, async () => {
        const settings = transport === 'stdio' ? ['-e', `XPORTCN_STORE=${process.env.XPORTCN_STORE}`, '--cwd', homedir()] : [];
        const options = ['--transport', transport, '--era', era, ...settings];
        const made = await mcpdo('connect', ...options, '--', ...target);
        connection = made.name;
        assert.equal(made.protocolEra, era);
    });
    if (!connection) return;

    await ok(`${who}: lists the six tools`, async () => {
        const { tools } = await mcpdo('--connection', connection, 'tools/list');
        assert.deepEqual(tools.map(tool => tool.name).sort(), TOOLS);
    });

    await ok(`${who}: a no in the dialog orders nothing`, async () => {
        const { structuredContent } = await respond(await asked(await preview()), '--decline');
        assert.equal(structuredContent.outcome, 'declined');
        assert.deepEqual(structuredContent.orders, []);
    });

    await ok(`${who}: a yes in the dialog places the order, and the order is there`, async () => {
        const basket = await preview();
        const { structuredContent } = await respond(await asked(basket), 'approve:=true');
        assert.equal(structuredContent.outcome, 'placed');
        const found = await call('get_order', { purchase_ref: basket.purchase_ref });
        assert.equal(found.structuredContent.order_id, structuredContent.orders[0].order_id);
    });

    await told('mcpdo', 'disconnect', connection);
}

await told('mcpdo', 'daemon', 'stop');
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed ? 1 : 0;
