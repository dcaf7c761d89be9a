// The whole purchase, told once for every client. An adapter (sdk-1.mjs, client-2.mjs) supplies the client's own calls.

import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { HttpServer, StdioServers } from './serving.mjs';

/** No wait is longer than this. */
export const DEADLINE = 30_000;

const ADDRESS = { full_name: '李明', mobile: '13800001234', province: '浙江省', city: '杭州市', street: '江南大道100号' };
const LABEL = '马克杯, the large one';
const PLAIN = '610000000001';
const FREE_CARRIAGE = '610000000003';
const NO_CROSS_BORDER_PAY = '610000000005';
const PRICE_RISE = '610000000021';
const LOST_ANSWER = '610000000022';
const META_KEY = 'xportcn-orders/error';

const YES = { action: 'accept', content: { approve: true } };

let failed = 0;

/** The pinned version of a package, as installed. */
export function installed(name) {
    return JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), 'utf8')).version;
}

/**
 * Runs the scenario over stdio and over HTTP, each against a fresh store.
 *
 * @param who printed before every check
 * @param protocol the version that has to be negotiated
 * @param adapter newClient({capabilities, answer}), overStdio(parameters), overHttp(url), which give transports,
 *   protocolOf(client, transport), call(client, params, options)
 */
export async function purchase(who, protocol, adapter) {
    for (const Server of [StdioServers, HttpServer])
        await bought(`${who} over ${Server.over}`, protocol, adapter, Server);
}

async function bought(who, protocol, adapter, Server) {
    const folder = mkdtempSync(join(tmpdir(), 'xportcn-orders-'));
    const remove = () => rmSync(folder, { recursive: true, force: true });
    const stop = () => process.exit(130);
    process.once('exit', remove).once('SIGINT', stop).once('SIGTERM', stop);
    const open = [];
    const server = new Server(serverCommand(), folder);
    const connect = async (capabilities, answer) => {
        const session = new Session(adapter, await server.transport(adapter), capabilities, answer);
        open.push(session);
        await session.connect();
        return session;
    };
    try {
        await tell(check(who), connect, protocol, server);
    } finally {
        await Promise.all(open.map(session => session.close().catch(() => {})));
        await server.stop();
        process.removeListener('exit', remove).removeListener('SIGINT', stop).removeListener('SIGTERM', stop);
        remove();
        if (failed) process.exitCode = 1;
    }
}

async function tell(ok, connect, protocol, server) {
    const dialogs = [];
    let answer = () => assert.fail('the person was asked although nothing should be');
    let buyer;
    await ok(`connects and negotiates ${protocol}`, async () => {
        buyer = await connect({ elicitation: { form: {} } }, dialog => (dialogs.push(dialog), answer(dialog)));
        assert.equal(buyer.protocol, protocol);
    });
    if (!buyer) return;

    /** Calls with the person's answer at hand, and checks how often they were asked. */
    const asking = async (times, reply, args, session = buyer) => {
        const before = dialogs.length;
        answer = () => reply;
        const result = await session.call('create_order', args);
        assert.equal(dialogs.length - before, times, `the person was asked ${dialogs.length - before} times`);
        return result;
    };
    const preview = async (offer_id, quantity, more = {}, session = buyer) =>
        good(await session.call('preview_order', { lines: [{ offer_id, quantity, ...more }], address: ADDRESS }));
    const ordersOf = async purchase_ref => good(await buyer.call('list_orders', { purchase_ref })).orders;

    await ok('lists six tools, each with a title, annotations, a closed input schema and an output schema', async () => {
        const { tools } = await buyer.listTools();
        assert.deepEqual(
            tools.map(tool => tool.name).sort(),
            ['create_order', 'find_offers', 'get_offer', 'get_order', 'list_orders', 'preview_order']
        );
        for (const tool of tools) {
            const where = `of ${tool.name}`;
            assert.ok(tool.title && tool.description, `title and description ${where}`);
            assert.equal(tool.inputSchema.type, 'object', `input schema ${where}`);
            assert.equal(tool.inputSchema.additionalProperties, false, `closed input schema ${where}`);
            assert.equal(tool.outputSchema?.type, 'object', `output schema ${where}`);
            assert.equal(tool.annotations.readOnlyHint, tool.name !== 'create_order', `readOnlyHint ${where}`);
            assert.equal(tool.annotations.destructiveHint, tool.name === 'create_order', `destructiveHint ${where}`);
        }
    });

    // Defaults are what a host fills in when it builds a form from the schema.
    await ok('every default in an input schema fits the type beside it', async () => {
        const { tools } = await buyer.listTools();
        const unfit = tools.flatMap(tool => defaultsThatDoNotFit(tool.inputSchema, tool.name));
        assert.deepEqual(unfit, []);
    });

    await ok('the client checks results against the output schema: it throws on a payable that is a number', async () => {
        buyer.tamper = result => (result.structuredContent.totals.payable = 64.5);
        await assert.rejects(preview(PLAIN, 1), /output schema/i);
        assert.equal(buyer.tamper, undefined, 'no result went by to tamper with');
    });

    let basket, purchaseArgs, placed, orderId;
    await ok('preview_order prices two of an offer, with the label in it', async () => {
        basket = await preview(PLAIN, 2, { label: LABEL });
        purchaseArgs = { preview_token: basket.preview_token, expected_total: basket.totals.payable };
        assert.equal(basket.orderable, true);
        assert.equal(basket.currency, 'CNY');
        assert.equal(basket.sandbox, true);
        assert.match(basket.totals.payable, /^\d+\.\d\d$/);
        const [line] = basket.orders[0].lines;
        assert.equal(line.quantity, 2);
        assert.equal(line.amount, '58.00');
        assert.ok(line.label.includes(LABEL), `label is ${line.label}`);
        for (const said of [basket.preview_token, basket.totals.payable, 'CNY', LABEL, basket.purchase_ref, PLAIN])
            assert.ok(basket.text.includes(said), `the text does not say ${said}`);
    });

    await ok('an offer id as a number and a quantity as text are read as meant', async () => {
        const read = good(
            await buyer.call('preview_order', { lines: [{ offer_id: Number(PLAIN), quantity: '2' }], address: ADDRESS })
        );
        assert.equal(read.orders[0].lines[0].offer_id, PLAIN);
        assert.equal(read.orders[0].lines[0].quantity, 2);
    });

    await ok('a mutated token is refused with TOKEN_INVALID, and nobody is asked', async () => {
        const preview_token = mutated(purchaseArgs.preview_token);
        refused(await asking(0, YES, { ...purchaseArgs, preview_token }), 'TOKEN_INVALID');
    });

    await ok('a wrong total is refused with TOTAL_MISMATCH, and nobody is asked', async () => {
        refused(await asking(0, YES, { ...purchaseArgs, expected_total: '0.01' }), 'TOTAL_MISMATCH');
    });

    await ok('several bad arguments are refused at once with INVALID_ARGUMENT, each by its path', async () => {
        const { city, ...address } = ADDRESS;
        const error = refused(
            await buyer.call('preview_order', {
                lines: [
                    { offer_id: 'a mug', quantity: 0 },
                    { offer_id: PLAIN, quantity: 1, colour: 'blue' }
                ],
                address: { ...address, mobile: 'none' },
                urgent: true
            }),
            'INVALID_ARGUMENT',
            ['lines[0].offer_id', 'lines[0].quantity', 'lines[1].colour', 'address.city', 'address.mobile', 'urgent']
        );
        assert.equal(error.details.faults.length, 6);
    });

    await ok('an id that JavaScript has rounded is refused by its path', async () => {
        const lines = [{ offer_id: Number('2262807372650224213'), quantity: 1 }];
        refused(await buyer.call('preview_order', { lines, address: ADDRESS }), 'INVALID_ARGUMENT', ['lines[0].offer_id']);
    });

    await ok('an unknown order is refused with NOT_FOUND', async () => {
        refused(await buyer.call('get_order', { order_id: '2000000000000000001' }), 'NOT_FOUND');
    });

    await ok('from words to an order: find_offers, get_offer, preview_order, a yes, create_order', async () => {
        const { offers } = good(await buyer.call('find_offers', { keywords: '随行杯' }));
        assert.equal(offers.length, 1);
        const offer = good(await buyer.call('get_offer', { offer_id: offers[0].offer_id, matching: 'off-white' }));
        assert.equal(offer.known, true);
        const [{ spec_id }] = offer.skus;
        const found = await preview(offer.offer_id, 2, { spec_id, seller_open_id: offer.seller.open_id });
        const [line] = found.orders[0].lines;
        assert.equal(line.title, offer.title);
        assert.ok(line.variant.includes('米白'), `the variant is ${line.variant}`);
        const args = { preview_token: found.preview_token, expected_total: found.totals.payable };
        const made = good(await asking(1, YES, args));
        assert.equal(made.outcome, 'placed');
        const translated = `2 件 ${offer.title_translated} 「Colour: Off-white」`;
        assert.ok(found.text.includes(translated), `it does not name the product: ${found.text}`);
        assert.ok(found.text.includes(`/${offer.offer_id}.html ${line.title}`), `nor beside its link: ${found.text}`);
        const { message } = dialogs.at(-1);
        assert.ok(message.includes(`2 件 ${line.title} ${line.variant}`), `it does not name the product: ${message}`);
        const { lines } = good(await buyer.call('get_order', { order_id: made.orders[0].order_id }));
        assert.equal(lines[0].spec_id, spec_id);
        assert.equal(lines[0].product, line.title);
        dialogs.length = 0;
    });

    await ok('an offer that is not there is known to be unknown, and a wrong search is refused by its paths', async () => {
        const { known, why } = good(await buyer.call('get_offer', { offer_id: '999' }));
        assert.deepEqual([known, why], [false, 'not_found']);
        const asked = { keywords: '', page: 0, price_from: 'cheap' };
        refused(await buyer.call('find_offers', asked), 'INVALID_ARGUMENT', ['keywords', 'page', 'price_from']);
    });

    await ok('create_order places it after accept with approve true, asked once', async () => {
        placed = good(await asking(1, YES, purchaseArgs));
        orderId = placed.orders[0].order_id;
        assert.equal(placed.outcome, 'placed');
        assert.equal(placed.replayed, false);
        assert.equal(placed.orders.length, 1);
        assert.equal(placed.purchase_ref, basket.purchase_ref);
        assert.ok(placed.approval?.channel && placed.approval.at, 'approval says who said yes and when');
        for (const said of [orderId, placed.purchase_ref, placed.next_step])
            assert.ok(placed.text.includes(said), `the text does not say ${said}`);
    });

    await ok('the dialog shows total, label, link and whole address, and has one field, approve, off by default', async () => {
        const { message, requestedSchema } = dialogs[0];
        for (const said of [basket.totals.payable, LABEL, `/offer/${PLAIN}.html`, ...Object.values(ADDRESS)])
            assert.ok(message.includes(said), `the dialog does not say ${said}`);
        assert.deepEqual(Object.keys(requestedSchema.properties), ['approve']);
        assert.equal(requestedSchema.properties.approve.type, 'boolean');
        assert.equal(requestedSchema.properties.approve.default, false);
    });

    await ok('the order id is a text of 19 digits that a JavaScript number could not hold', async () => {
        assert.equal(typeof orderId, 'string');
        assert.match(orderId, /^\d{19}$/);
        assert.notEqual(BigInt(Number(orderId)), BigInt(orderId));
    });

    await ok('the same call again gives the same order id, replayed, and nobody is asked', async () => {
        const again = good(await asking(0, YES, purchaseArgs));
        assert.equal(again.outcome, 'placed');
        assert.equal(again.replayed, true);
        assert.deepEqual(again.orders.map(order => order.order_id), [orderId]);
    });

    await ok('get_order by purchase_ref and by order_id gives that order, the consignee masked', async () => {
        for (const asked of [{ purchase_ref: basket.purchase_ref }, { order_id: orderId }]) {
            const found = good(await buyer.call('get_order', asked));
            assert.ok(JSON.stringify(found).includes(`"${orderId}"`), 'the order id is not in it');
            for (const hidden of [ADDRESS.full_name, ADDRESS.mobile, ADDRESS.street])
                assert.ok(!JSON.stringify(found).includes(hidden), `it shows ${hidden}`);
        }
    });

    await ok('list_orders holds it once, with and without the purchase_ref', async () => {
        assert.deepEqual((await ordersOf(basket.purchase_ref)).map(order => order.order_id), [orderId]);
        const all = good(await buyer.call('list_orders', {}));
        assert.equal(all.orders.filter(order => order.order_id === orderId).length, 1);
    });

    for (const [said, reply] of [
        ['decline', { action: 'decline' }],
        ['accept with approve false', { action: 'accept', content: { approve: false } }]
    ])
        await ok(`${said} gives declined, for good, and nothing is ordered`, async () => {
            const { preview_token, totals, purchase_ref } = await preview(PLAIN, 1);
            const args = { preview_token, expected_total: totals.payable };
            assert.equal(good(await asking(1, reply, args)).outcome, 'declined');
            assert.equal(good(await asking(0, YES, args)).outcome, 'declined');
            assert.deepEqual(await ordersOf(purchase_ref), []);
        });

    for (const [said, reply] of [
        ['cancel', { action: 'cancel' }],
        ['accept with the text "true"', { action: 'accept', content: { approve: 'true' } }],
        ['accept with nothing filled in', { action: 'accept', content: {} }]
    ])
        await ok(`${said} gives awaiting_approval; the same token can still be ordered`, async () => {
            const { preview_token, totals, purchase_ref } = await preview(PLAIN, 1);
            const args = { preview_token, expected_total: totals.payable };
            assert.equal(good(await asking(1, reply, args)).outcome, 'awaiting_approval');
            assert.deepEqual(await ordersOf(purchase_ref), []);
            assert.equal(good(await asking(1, YES, args)).outcome, 'placed');
            assert.equal((await ordersOf(purchase_ref)).length, 1);
        });

    await ok('a blocked basket is previewed with its reason, then refused with NOT_ORDERABLE, and nobody is asked', async () => {
        const { preview_token, totals, orderable, issues, purchase_ref } = await preview(NO_CROSS_BORDER_PAY, 1);
        assert.equal(orderable, false);
        assert.ok(issues.some(issue => issue.severity === 'blocks' && issue.offer_id === NO_CROSS_BORDER_PAY));
        refused(await asking(0, YES, { preview_token, expected_total: totals.payable }), 'NOT_ORDERABLE');
        assert.deepEqual(await ordersOf(purchase_ref), []);
    });

    await ok('a price that rose gives price_changed with a whole fresh preview, and nothing is ordered', async () => {
        const { preview_token, totals, purchase_ref } = await preview(PRICE_RISE, 1);
        const changed = good(await asking(1, YES, { preview_token, expected_total: totals.payable }));
        assert.equal(changed.outcome, 'price_changed');
        assert.notEqual(changed.fresh_preview.preview_token, preview_token);
        assert.notEqual(changed.fresh_preview.totals.payable, totals.payable);
        for (const said of [changed.fresh_preview.preview_token, changed.fresh_preview.totals.payable, totals.payable])
            assert.ok(changed.text.includes(said), `the text does not say ${said}`);
        assert.deepEqual(await ordersOf(purchase_ref), []);
    });

    await ok('two calls at the same moment with one token give one order', async () => {
        const { preview_token, totals, purchase_ref } = await preview(FREE_CARRIAGE, 1);
        answer = () => YES;
        const args = { preview_token, expected_total: totals.payable };
        const both = await Promise.all([1, 2].map(() => buyer.call('create_order', args)));
        const orders = await ordersOf(purchase_ref);
        assert.equal(orders.length, 1);
        // The one that comes second may be told to ask again.
        const ids = both
            .filter(result => result._meta?.[META_KEY]?.code !== 'IN_PROGRESS')
            .flatMap(result => good(result).orders.map(order => order.order_id));
        assert.deepEqual(new Set(ids), new Set([orders[0].order_id]));
    });

    await ok('a lost answer is unknown and no error; the same call finds the one order, and nobody is asked again', async () => {
        const { preview_token, totals, purchase_ref } = await preview(LOST_ANSWER, 1);
        const args = { preview_token, expected_total: totals.payable };
        assert.equal(good(await asking(1, YES, args)).outcome, 'unknown');
        const settled = good(await asking(0, YES, args));
        assert.equal(settled.outcome, 'placed');
        assert.deepEqual(
            (await ordersOf(purchase_ref)).map(order => order.order_id),
            settled.orders.map(order => order.order_id)
        );
        assert.equal(settled.orders.length, 1);
    });

    for (const [which, capabilities] of [
        ['without elicitation', {}],
        ['that can only open links (elicitation url)', { elicitation: { url: {} } }]
    ])
        await ok(`a client ${which} gets awaiting_approval, and nothing is ordered`, async () => {
            const mute = await connect(capabilities);
            await mute.listTools();
            const { preview_token, totals, purchase_ref } = await preview(PLAIN, 1, {}, mute);
            const args = { preview_token, expected_total: totals.payable };
            const waiting = good(await asking(0, YES, args, mute));
            assert.equal(waiting.outcome, 'awaiting_approval');
            assert.deepEqual(waiting.orders, []);
            assert.deepEqual(await ordersOf(purchase_ref), []);
            assert.deepEqual(mute.faults, []);
        });

    await ok('every id in every result arrived as text', async () => {
        assert.ok(buyer.ids.length > 20, `only ${buyer.ids.length} ids were seen`);
        assert.deepEqual(buyer.ids.filter(([, value]) => typeof value !== 'string'), []);
    });

    await ok('the client met no transport fault, and stderr holds no traceback and no consignee', async () => {
        await buyer.close();
        assert.deepEqual(buyer.faults, []);
        for (const unwanted of ['Traceback', 'exception', ADDRESS.full_name, ADDRESS.mobile, ADDRESS.street])
            assert.ok(!server.stderr.includes(unwanted), `stderr holds ${unwanted}`);
    });
}

/** One client; sees every result before the client judges it. */
class Session {
    ids = [];
    faults = [];
    tamper = undefined;

    constructor(adapter, transport, capabilities, answer) {
        this.adapter = adapter;
        this.transport = transport;
        this.client = adapter.newClient({ capabilities, answer });
        this.client.onerror = error => this.faults.push(error.message);
    }

    async connect() {
        await within('connect', this.client.connect(this.transport, { timeout: DEADLINE }));
        this.protocol = this.adapter.protocolOf(this.client, this.transport);
        const pass = this.transport.onmessage;
        this.transport.onmessage = (message, extra) => {
            const content = message.result?.structuredContent;
            if (content) {
                this.ids.push(...idsIn(content));
                this.tamper?.(message.result);
                this.tamper = undefined;
            }
            pass(message, extra);
        };
    }

    listTools() {
        return within('tools/list', this.client.listTools(undefined, { timeout: DEADLINE }));
    }

    call(name, args) {
        return within(name, this.adapter.call(this.client, { name, arguments: args }, { timeout: DEADLINE }));
    }

    close() {
        return within('close', this.client.close());
    }
}

/** A result that is no error: its structured content, and its text beside it. */
function good(result) {
    const text = textOf(result);
    assert.ok(!result.isError, `refused: ${text}`);
    assert.ok(result.structuredContent, 'no structuredContent');
    return { ...result.structuredContent, text };
}

/** A refusal that a client can read: its machine-readable copy. */
function refused(result, code, paths = []) {
    const text = textOf(result);
    assert.equal(result.isError, true, `not refused: ${text}`);
    assert.equal(result.structuredContent, undefined, 'a refusal has structuredContent');
    assert.ok(text.startsWith(code), `the text starts otherwise: ${text}`);
    const error = result._meta?.[META_KEY];
    assert.ok(error, 'no copy of the refusal under _meta');
    assert.equal(error.code, code);
    assert.ok(error.message && error.next_step && error.details, 'message, next_step or details are missing');
    assert.ok(text.includes(error.next_step), 'the text does not say what to do next');
    for (const path of paths) assert.ok(text.includes(path), `the text does not name ${path}: ${text}`);
    if (paths.length) assert.deepEqual(error.details.faults.map(fault => fault.path).sort(), [...paths].sort());
    return error;
}

function textOf(result) {
    return result.content.map(block => block.text ?? '').join('\n');
}

function* idsIn(value, key = '') {
    if (value && typeof value === 'object')
        for (const [name, inner] of Object.entries(value)) yield* idsIn(inner, Array.isArray(value) ? key : name);
    else if (value !== null && /(^|_)ids?$/.test(key)) yield [key, value];
}

function defaultsThatDoNotFit(schema, path) {
    if (!schema || typeof schema !== 'object') return [];
    const kind = value =>
        value === null ? 'null' : Array.isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value;
    const own =
        'default' in schema && typeof schema.type === 'string' && kind(schema.default) !== schema.type
            ? [`${path} is ${schema.type}, default ${JSON.stringify(schema.default)}`]
            : [];
    return [
        ...own,
        ...['properties', '$defs'].flatMap(part =>
            Object.entries(schema[part] ?? {}).flatMap(([name, inner]) => defaultsThatDoNotFit(inner, `${path}.${name}`))
        )
    ];
}

/** Another token of the same form. */
function mutated(token) {
    const at = token.length - 10;
    return token.slice(0, at) + (token[at] === '7' ? '8' : '7') + token.slice(at + 1);
}

function serverCommand() {
    const command = process.argv.slice(2);
    if (!command.length) throw new Error('start this with run.sh, which names the server');
    return command;
}

async function within(what, promise) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${what}: no answer in ${DEADLINE / 1000} s`)), DEADLINE);
    });
    try {
        return await Promise.race([promise, late]);
    } finally {
        clearTimeout(timer);
    }
}

function check(who) {
    return async (what, test) => {
        try {
            await test();
            console.log(`ok ${who}: ${what}`);
        } catch (error) {
            failed += 1;
            console.log(`FAILED ${who}: ${what} -- ${String(error?.message ?? error).replace(/\s+/g, ' ').slice(0, 600)}`);
        }
    };
}
