// The unmodified npm client @hyperledger/fabric-gateway against a running Hyperprov network of two organisations.
// Needs Node 20 and a built tree; starts its own network on loopback in a temporary folder and removes it.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash, createPrivateKey, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as grpc from '@grpc/grpc-js';
import {
    CommitError, EndorseError, GatewayError, StatusCode, checkpointers, connect, hash, signers,
} from '@hyperledger/fabric-gateway';

const run = promisify(execFile);
const launcher = fileURLToPath(new URL('../../hyperprov', import.meta.url));
const basePort = 27050;
const organisations = {
    org1: { mspId: 'Org1MSP', domain: 'org1.example.com', port: basePort + 1 },
    org2: { mspId: 'Org2MSP', domain: 'org2.example.com', port: basePort + 2001 },
};
const utf8 = new TextDecoder();
let folder;
const opened = [];

async function onlyFile(dir) {
    const names = await readdir(dir);
    return readFile(path.join(dir, names[0]));
}

async function open(name, user = 'User1') {
    const { mspId, domain, port } = organisations[name];
    const org = path.join(folder, 'crypto-config', 'peerOrganizations', domain);
    const msp = path.join(org, 'users', `${user}@${domain}`, 'msp');
    const tlsRoot = await readFile(path.join(org, 'peers', `peer0.${domain}`, 'tls', 'ca.crt'));
    const client = new grpc.Client(`localhost:${port}`, grpc.credentials.createSsl(tlsRoot), {
        'grpc.ssl_target_name_override': `peer0.${domain}`,
    });
    const gateway = connect({
        client,
        identity: { mspId, credentials: await onlyFile(path.join(msp, 'signcerts')) },
        signer: signers.newPrivateKeySigner(createPrivateKey(await onlyFile(path.join(msp, 'keystore')))),
        hash: hash.sha256,
        evaluateOptions: () => ({ deadline: Date.now() + 15000 }),
        endorseOptions: () => ({ deadline: Date.now() + 30000 }),
        submitOptions: () => ({ deadline: Date.now() + 15000 }),
        commitStatusOptions: () => ({ deadline: Date.now() + 60000 }),
    });
    opened.push({ gateway, client });
    return gateway;
}

const contractOf = (gateway) => gateway.getNetwork('mychannel').getContract('hyperprov');
const checksum = (text) => createHash('sha256').update(text).digest('hex');
const json = (bytes) => JSON.parse(utf8.decode(bytes));
const freshKey = (word) => `${word}-${randomBytes(6).toString('hex')}`;
const setArguments = (key, depends = '') => [key, checksum(key), 'file://store', `${key}.bin`, 'from npm', depends];

before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'hyperprov-interop-'));
    await run(launcher, ['network', 'up', '--dir', folder, '--base-port', String(basePort)], { timeout: 180000 });
}, { timeout: 200000 });

after(async () => {
    for (const { gateway, client } of opened) {
        gateway.close();
        client.close();
    }
    await run(launcher, ['network', 'down', '--dir', folder], { timeout: 60000 });
    await rm(folder, { recursive: true, force: true });
}, { timeout: 90000 });

for (const name of Object.keys(organisations)) {
    describe(`User1 of ${name}`, () => {
        test('submits, and evaluates what it wrote', async () => {
            const contract = contractOf(await open(name));
            const key = freshKey('item');
            const txid = utf8.decode(await contract.submitTransaction('set', ...setArguments(key)));
            assert.match(txid, /^[0-9a-f]{64}$/);

            const record = json(await contract.evaluateTransaction('get', key));
            assert.equal(record.hash, checksum(key));
            assert.equal(record.location, 'file://store');
            assert.equal(record.pointer, `${key}.bin`);
            assert.equal(record.txid, txid);
        });

        test('reads commit status with block number', async () => {
            const contract = contractOf(await open(name));
            const proposal = contract.newProposal('set', { arguments: setArguments(freshKey('status')) });
            const transaction = await proposal.endorse();
            assert.equal(utf8.decode(transaction.getResult()), proposal.getTransactionId());
            const commit = await transaction.submit();
            const status = await commit.getStatus();
            assert.equal(status.code, StatusCode.VALID);
            assert.equal(status.successful, true);
            assert.ok(status.blockNumber > 0n);
            assert.equal(status.transactionId, proposal.getTransactionId());
        });

        test('signs offline', async () => {
            const signing = await open(name);
            const { mspId, domain, port } = organisations[name];
            const org = path.join(folder, 'crypto-config', 'peerOrganizations', domain);
            const msp = path.join(org, 'users', `User1@${domain}`, 'msp');
            const client = new grpc.Client(`localhost:${port}`,
                grpc.credentials.createSsl(await readFile(path.join(org, 'peers', `peer0.${domain}`, 'tls', 'ca.crt'))),
                { 'grpc.ssl_target_name_override': `peer0.${domain}` });
            const credentials = await onlyFile(path.join(msp, 'signcerts'));
            const gateway = connect({ client, identity: { mspId, credentials }, hash: hash.sha256 });
            opened.push({ gateway, client });
            const sign = signers.newPrivateKeySigner(createPrivateKey(await onlyFile(path.join(msp, 'keystore'))));

            const unsigned = contractOf(gateway).newProposal('set', { arguments: setArguments(freshKey('offline')) });
            const proposal = gateway.newSignedProposal(unsigned.getBytes(), await sign(unsigned.getDigest()));
            const endorsed = await proposal.endorse();
            const transaction = gateway.newSignedTransaction(endorsed.getBytes(), await sign(endorsed.getDigest()));
            const submitted = await transaction.submit();
            const commit = gateway.newSignedCommit(submitted.getBytes(), await sign(submitted.getDigest()));
            assert.equal((await commit.getStatus()).code, StatusCode.VALID);
            assert.ok(signing);
        });
    });
}

test('contract events arrive in order, resume from a checkpoint, and carry the payload', async () => {
    const gateway = await open('org1');
    const network = gateway.getNetwork('mychannel');
    const contract = network.getContract('hyperprov');
    const keys = [freshKey('event'), freshKey('event'), freshKey('event')];
    const first = await contract.submitAsync('set', { arguments: setArguments(keys[0]) });
    const start = (await first.getStatus()).blockNumber;
    const txids = [first.getTransactionId()];
    for (const key of keys.slice(1)) {
        const commit = await contract.submitAsync('set', { arguments: setArguments(key) });
        await commit.getStatus();
        txids.push(commit.getTransactionId());
    }

    const checkpointer = checkpointers.inMemory();
    const seen = [];
    const events = await network.getChaincodeEvents('hyperprov', { startBlock: start });
    for await (const event of events) {
        if (!txids.includes(event.transactionId)) continue;
        seen.push(event.transactionId);
        assert.ok(event.payload.length > 0);
        assert.equal(event.chaincodeName, 'hyperprov');
        if (seen.length === 2) {
            await checkpointer.checkpointChaincodeEvent(event);
            break;
        }
    }
    events.close();
    assert.deepEqual(seen, txids.slice(0, 2));

    const resumed = await network.getChaincodeEvents('hyperprov', { checkpoint: checkpointer });
    for await (const event of resumed) {
        if (!txids.includes(event.transactionId)) continue;
        assert.equal(event.transactionId, txids[2]);
        break;
    }
    resumed.close();
});

test('block events: full, filtered', async () => {
    const gateway = await open('org2');
    const network = gateway.getNetwork('mychannel');
    const commit = await network.getContract('hyperprov').submitAsync('set', {
        arguments: setArguments(freshKey('block')),
    });
    const { blockNumber } = await commit.getStatus();

    const blocks = await network.getBlockEvents({ startBlock: blockNumber });
    for await (const block of blocks) {
        assert.equal(BigInt(block.getHeader().getNumber()), blockNumber);
        assert.equal(block.getMetadata().getMetadataList().length, 5);
        break;
    }
    blocks.close();

    const filtered = await network.getFilteredBlockEvents({ startBlock: blockNumber });
    for await (const block of filtered) {
        const ids = block.getFilteredTransactionsList().map((transaction) => transaction.getTxid());
        assert.ok(ids.includes(commit.getTransactionId()));
        break;
    }
    filtered.close();
});

test('an error of the contract reaches the caller with details of the endorser', async () => {
    const contract = contractOf(await open('org1'));
    await assert.rejects(contract.evaluateTransaction('get', 'no-such-key'), (error) => {
        assert.ok(error instanceof GatewayError);
        assert.equal(error.code, grpc.status.UNKNOWN);
        assert.ok(error.details.length > 0, 'details name the endorser');
        assert.equal(error.details[0].mspId, 'Org1MSP');
        assert.match(error.details[0].message, /Asset not found: no-such-key/);
        return true;
    });
    await assert.rejects(contract.submitTransaction('set', 'only-a-key'), (error) => {
        assert.ok(error instanceof EndorseError);
        assert.equal(error.code, grpc.status.ABORTED);
        assert.ok(error.details.length > 0);
        return true;
    });
});

test('a transaction endorsed by one organisation only is committed as invalid', async () => {
    const contract = contractOf(await open('org1'));
    const proposal = contract.newProposal('set', {
        arguments: setArguments(freshKey('short')),
        endorsingOrganizations: ['Org1MSP'],
    });
    const transaction = await proposal.endorse();
    const commit = await transaction.submit();
    const status = await commit.getStatus();
    assert.equal(status.code, StatusCode.ENDORSEMENT_POLICY_FAILURE);
    assert.equal(status.successful, false);
    await assert.rejects(
        contract.submit('set', { arguments: setArguments(freshKey('short')), endorsingOrganizations: ['Org2MSP'] }),
        (error) => error instanceof CommitError && error.code === StatusCode.ENDORSEMENT_POLICY_FAILURE);
});

test('a thousand transactions from both organisations, concurrently, are all committed', async () => {
    const contracts = [contractOf(await open('org1')), contractOf(await open('org2'))];
    const workers = Array.from({ length: 40 }, async (_, worker) => {
        for (let i = 0; i < 25; i++) {
            await contracts[worker % 2].submitTransaction('set', ...setArguments(freshKey(`load-${worker}-${i}`)));
        }
    });
    await Promise.all(workers);
}, { timeout: 120000 });
