// Where a client finds the server: a process for each client over stdio, or one for all over HTTP.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const environment = folder => ({ XPORTCN_STORE: `sqlite:///${join(folder, 's.sqlite3')}`, XPORTCN_KEY_FILE: join(folder, 'key', 'ledger.key') });

/** Each transport starts a server of its own. */
export class StdioServers {
    static over = 'stdio';
    stderr = '';

    constructor([command, ...args], folder) {
        this.parameters = { command, args: [...args, 'serve'], cwd: folder, env: environment(folder), stderr: 'pipe' };
    }

    transport(adapter) {
        const transport = adapter.overStdio(this.parameters);
        transport.stderr?.on('data', chunk => (this.stderr += chunk));
        return transport;
    }

    async stop() {}
}

/** All transports lead to one server, which starts with the first. */
export class HttpServer {
    static over = 'http';
    stderr = '';

    constructor([command, ...args], folder) {
        const env = { PATH: process.env.PATH, ...environment(folder) };
        const arguments_ = [...args, 'serve', '--http', '--port', '0'];
        this.process = spawn(command, arguments_, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
        this.process.once('error', error => (this.stderr += error.message));
        this.url = new Promise((resolve, reject) => {
            createInterface(this.process.stderr).on('line', line => {
                this.stderr += `${line}\n`;
                const said = line.startsWith('{') ? JSON.parse(line) : {};
                if (said.message === 'listening') resolve(new URL(said.url));
            });
            this.process.once('exit', status => reject(new Error(`the server left with ${status}: ${this.stderr}`)));
        });
        this.url.catch(() => {});
        process.once('exit', () => this.process.kill());
    }

    async transport(adapter) {
        return adapter.overHttp(await this.url);
    }

    async stop() {
        if (this.process.exitCode !== null || this.process.signalCode !== null) return;
        this.process.kill('SIGTERM');
        const [status] = await once(this.process, 'exit');
        if (status !== 0) throw new Error(`the server left with ${status}: ${this.stderr}`);
    }
}
