// The unmodified npm client fabric-ca-client 2.2 against the certificate authority of a running Hyperprov network.
// Needs Node 20 and a built tree; starts its own network on loopback in a temporary folder and removes it.
import { after, before, describe, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { X509Certificate, createHash, createPrivateKey, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as grpc from '@grpc/grpc-js';
import { connect, hash, signers } from '@hyperledger/fabric-gateway';

const require = createRequire(import.meta.url);
const FabricCAServices = require('fabric-ca-client');
const { User } = require('fabric-common');

const run = promisify(execFile);
const launcher = fileURLToPath(new URL('../../hyperprov', import.meta.url));
const basePort = 22050;
const domain = 'org1.example.com';
const mspId = 'Org1MSP';
const caName = `ca.${domain}`;
const utf8 = new TextDecoder();
let folder;
let ca;
let registrar;
let registrarSecret;

const material = (...names) => path.join(folder, 'crypto-config', 'peerOrganizations', domain, ...names);
const freshId = (word) => `${word}-${randomBytes(4).toString('hex')}`;
const json = (bytes) => JSON.parse(utf8.decode(bytes));

// A user as the client keeps it: what signs its requests.
async function userOf(name, enrollment) {
    const user = new User(name);
    user.setCryptoSuite(ca.getCryptoSuite());
    await user.setEnrollment(enrollment.key, enrollment.certificate, mspId);
    return user;
}

// Registers and enrols somebody new.
async function newMember(word, request = {}) {
    const id = freshId(word);
    const secret = await ca.register({ enrollmentID: id, affiliation: 'org1.department1', ...request }, registrar);
    const enrollment = await ca.enroll({ enrollmentID: id, enrollmentSecret: secret });
    return { id, secret, enrollment, user: await userOf(id, enrollment) };
}

// The attributes in a certificate: raw JSON text in the extension 1.2.3.4.5.6.7.8.1.
function attributesOf(pem) {
    const text = new X509Certificate(pem).raw.toString('latin1');
    const start = text.indexOf('{"attrs":');
    return start < 0 ? {} : JSON.parse(text.slice(start, text.indexOf('}}', start) + 2)).attrs;
}

async function submitAs(enrollment, key) {
    const client = new grpc.Client(`localhost:${basePort + 1}`,
        grpc.credentials.createSsl(await readFile(material('peers', `peer0.${domain}`, 'tls', 'ca.crt'))),
        { 'grpc.ssl_target_name_override': `peer0.${domain}` });
    const gateway = connect({
        client,
        identity: { mspId, credentials: Buffer.from(enrollment.certificate) },
        signer: signers.newPrivateKeySigner(createPrivateKey(enrollment.key.toBytes())),
        hash: hash.sha256,
    });
    try {
        const contract = gateway.getNetwork('mychannel').getContract('hyperprov');
        const checksum = createHash('sha256').update(key).digest('hex');
        await contract.submitTransaction('set', key, checksum, 'file://store', `${key}.bin`, 'by an enrolled user', '');
        return json(await contract.evaluateTransaction('get', key));
    } finally {
        gateway.close();
        client.close();
    }
}

const refusedWith = (code) => (error) => {
    assert.equal(error.errors?.[0]?.code, code, error.message);
    return true;
};

before(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'hyperprov-ca-interop-'));
    await run(launcher, ['network', 'up', '--dir', folder, '--base-port', String(basePort)], { timeout: 180000 });
    const trustedRoots = [await readFile(material('ca', 'tls', 'ca.crt'))];
    ca = new FabricCAServices(`https://localhost:${basePort + 4}`, { trustedRoots, verify: true }, caName);
    const credential = await readFile(path.join(folder, 'ca', domain, 'registrar-secret'), 'utf8');
    registrarSecret = credential.trim().split(':')[1];
    const enrollment = await ca.enroll({ enrollmentID: 'admin', enrollmentSecret: registrarSecret });
    registrar = await userOf('admin', enrollment);
}, { timeout: 200000 });

after(async () => {
    await run(launcher, ['network', 'down', '--dir', folder], { timeout: 60000 });
    await rm(folder, { recursive: true, force: true });
}, { timeout: 90000 });

describe('enrolment', () => {
    test('the registrar has a certificate of the organisation, and knows its root', async () => {
        const root = await readFile(material('ca', `${caName}-cert.pem`), 'utf8');
        const again = await ca.enroll({ enrollmentID: 'admin', enrollmentSecret: registrarSecret });
        assert.equal(again.rootCertificate.trim(), root.trim());
        const certificate = new X509Certificate(again.certificate);
        assert.ok(certificate.verify(new X509Certificate(root).publicKey));
        assert.match(certificate.subject, /CN=admin/);
    });

    test('a registered identity enrols once, and its certificate says what was registered', async () => {
        const attrs = [
            { name: 'role', value: 'sensor', ecert: true },
            { name: 'room', value: '42' },
        ];
        const { id, secret, enrollment } = await newMember('sensor', { role: 'client', attrs });
        assert.deepEqual(attributesOf(enrollment.certificate), {
            'hf.Affiliation': 'org1.department1', 'hf.EnrollmentID': id, 'hf.Type': 'client', role: 'sensor',
        });
        const subject = new X509Certificate(enrollment.certificate).subject;
        for (const unit of ['OU=client', 'OU=org1', 'OU=department1']) assert.ok(subject.includes(unit), subject);

        await assert.rejects(ca.enroll({ enrollmentID: id, enrollmentSecret: secret }), refusedWith(20));
    });

    test('attributes can be asked for', async () => {
        const id = freshId('asking');
        const secret = await ca.register({
            enrollmentID: id, affiliation: 'org1', maxEnrollments: -1, attrs: [{ name: 'room', value: '42' }],
        }, registrar);
        const asked = await ca.enroll({
            enrollmentID: id, enrollmentSecret: secret,
            attr_reqs: [{ name: 'room' }, { name: 'absent', optional: true }],
        });
        assert.deepEqual(attributesOf(asked.certificate), { room: '42' });
        await assert.rejects(ca.enroll({
            enrollmentID: id, enrollmentSecret: secret, attr_reqs: [{ name: 'absent' }],
        }), /required|require/);
    });

    test('a wrong secret, an unknown id and a used one are told apart by nobody', async () => {
        const id = freshId('masked');
        await ca.register({ enrollmentID: id, affiliation: 'org1' }, registrar);
        await assert.rejects(ca.enroll({ enrollmentID: id, enrollmentSecret: 'not-it' }), refusedWith(20));
        await assert.rejects(ca.enroll({ enrollmentID: freshId('x'), enrollmentSecret: 'not-it' }), refusedWith(20));
    });

    test('an identity renews its certificate, with a new key', async () => {
        const { id, enrollment, user } = await newMember('renewing', {
            attrs: [{ name: 'role', value: 'sensor', ecert: true }],
        });
        const renewed = await ca.reenroll(user);
        assert.equal(attributesOf(renewed.certificate).role, 'sensor');
        assert.match(new X509Certificate(renewed.certificate).subject, new RegExp(`CN=${id}`));
        assert.notEqual(
            new X509Certificate(renewed.certificate).serialNumber, new X509Certificate(enrollment.certificate).serialNumber);
        assert.notEqual(renewed.key.toBytes(), enrollment.key.toBytes());
        await ca.reenroll(await userOf(id, renewed), [{ name: 'role', optional: false }]);
    });
});

describe('registrars', () => {
    test('a registered identity is not registered again, and a client registers nobody', async () => {
        const { id, user } = await newMember('twice');
        await assert.rejects(ca.register({ enrollmentID: id, affiliation: 'org1' }, registrar), refusedWith(74));
        await assert.rejects(ca.register({ enrollmentID: freshId('y'), affiliation: 'org1' }, user), refusedWith(71));
        await assert.rejects(
            ca.register({ enrollmentID: freshId('z'), affiliation: 'no.where' }, registrar), refusedWith(16));
    });

    test('identities are added, shown, changed and listed', async () => {
        const identities = ca.newIdentityService();
        const id = freshId('served');
        const secret = await identities.create(
            { enrollmentID: id, affiliation: 'org1', type: 'client', maxEnrollments: 3 }, registrar);
        assert.ok(secret.length > 0);
        const shown = await identities.getOne(id, registrar);
        assert.equal(shown.result.id, id);
        assert.equal(shown.result.max_enrollments, 3);
        const changed = await identities.update(
            id, { type: 'peer', attrs: [{ name: 'rack', value: '7', ecert: true }] }, registrar);
        assert.equal(changed.result.type, 'peer');
        const all = await identities.getAll(registrar);
        assert.ok(all.result.identities.some((one) => one.id === id && one.type === 'peer'));
        await assert.rejects(identities.delete(id, registrar), /disabled/);
    });

    test('affiliations are added, shown and renamed', async () => {
        const affiliations = ca.newAffiliationService();
        const name = `org1.${freshId('dep')}`;
        await affiliations.create({ name, force: false }, registrar);
        assert.equal((await affiliations.getOne(name, registrar)).result.name, name);
        await affiliations.update(name, { name: `${name}x`, force: false }, registrar);
        const all = await affiliations.getAll(registrar);
        assert.ok(JSON.stringify(all.result).includes(`${name}x`));
        await assert.rejects(affiliations.delete({ name: `${name}x`, force: false }, registrar), /disabled/);
    });

    test('certificates are listed', async () => {
        const { id } = await newMember('listed');
        const list = await ca.newCertificateService().getCertificates({ id }, registrar);
        assert.equal(list.result.certs.length, 1);
        assert.match(list.result.certs[0].PEM, /BEGIN CERTIFICATE/);
    });
});

describe('revocation', () => {
    test('an identity is revoked: it renews and enrols no more, and the list names its certificate', async () => {
        const { id, secret, enrollment, user } = await newMember('revoked', { maxEnrollments: -1 });
        const answer = await ca.revoke({ enrollmentID: id, reason: 'keycompromise', gencrl: true }, registrar);
        assert.equal(answer.result.RevokedCerts.length, 1);
        const serial = new X509Certificate(enrollment.certificate).serialNumber.toLowerCase();
        assert.equal(answer.result.RevokedCerts[0].Serial, serial);
        const list = Buffer.from(answer.result.CRL, 'base64').toString();
        assert.match(list, /BEGIN X509 CRL/);

        await assert.rejects(ca.reenroll(user), refusedWith(20));
        await assert.rejects(ca.enroll({ enrollmentID: id, enrollmentSecret: secret }), refusedWith(20));

        const generated = Buffer.from(await ca.generateCRL({}, registrar), 'base64').toString();
        const der = Buffer.from(generated.replace(/-----[^-]+-----|\s/g, ''), 'base64').toString('hex');
        assert.ok(der.includes(serial), 'the revocation list holds the serial number');
    });

    test('one certificate is revoked by its number, and not twice', async () => {
        const { enrollment, user } = await newMember('one');
        const renewed = await ca.reenroll(user);
        const all = await ca.newCertificateService().getCertificates({ id: user.getName() }, registrar);
        assert.equal(all.result.certs.length, 2);
        const serial = new X509Certificate(enrollment.certificate).serialNumber;
        const aki = keyIdOf(enrollment.rootCertificate);
        await ca.revoke({ serial, aki, reason: 'superseded' }, registrar);
        await assert.rejects(ca.revoke({ serial, aki }, registrar), refusedWith(66));
        await assert.rejects(ca.reenroll(user), refusedWith(20));
        await ca.reenroll(await userOf(user.getName(), renewed));
    });
});

// The subject key identifier of the root, which its certificates name as their issuer's.
function keyIdOf(pem) {
    const hex = new X509Certificate(pem).raw.toString('hex');
    const at = hex.indexOf('0603551d0e');
    const bytes = parseInt(hex.slice(at + 16, at + 18), 16);
    return hex.slice(at + 18, at + 18 + 2 * bytes);
}

// That a revoked identity's transactions are refused takes a channel configuration that holds the list.
test('an enrolled user submits a transaction, and the record carries its enrolment id', async () => {
    const { id, enrollment } = await newMember('writer');
    const record = await submitAs(enrollment, freshId('record'));
    assert.equal(record.certificate, id);
});
