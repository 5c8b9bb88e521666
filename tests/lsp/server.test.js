// The language server, driven by the client library that editors use.
//
//   WAYFARE=build/wayfare NODE_PATH=build/lsp-test/node_modules node --test tests/lsp
const assert = require('node:assert');
const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { spawn } = require('node:child_process');
const { after, test } = require('node:test');
const { pathToFileURL, fileURLToPath } = require('node:url');
const rpc = require('vscode-jsonrpc/node');
const lsp = require('vscode-languageserver-protocol/node');

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'wayfare-lsp-'));
const cache = path.join(folder, 'cache');
const running = new Set();
after(() => running.forEach((process) => process.kill()));
process.on('exit', () => fs.rmSync(folder, { recursive: true, force: true }));

const FILES = {
  'words.way': 'import std.retail\n\n# ninety days without a purchase\nsegment lapsed is last purchase older than 90d\n',
  'main.way': 'import std.retail\nimport "./words.way"\n\njourney back {\n  enter when member becomes lapsed\n  wait 3d\n  send coupon\n}\n',
  'zh.way': 'import std.retail.zh\n\n分群 流失 是 末次 购买 早于 90天\n消息 问候 "😀你好" { zh "您好{姓名|亲}😀" }\n当 会员 变为 流失 则 发送 问候\n',
};
for (const [name, text] of Object.entries(FILES)) fs.writeFileSync(path.join(folder, name), text);
const night = path.join(folder, 'out', '2026-11-22');
fs.mkdirSync(night, { recursive: true });
fs.writeFileSync(path.join(night, 'segments.csv'), 'segment,size,entered,left\nlapsed,4711,12,3\n');
fs.writeFileSync(path.join(night, 'PUBLISHED'), 'x\n');

const uriOf = (name) => pathToFileURL(path.join(folder, name)).toString();

class Client {
  constructor(encodings) {
    this.process = spawn(process.env.WAYFARE, ['lsp', '--stdio'], { env: { ...process.env, XDG_CACHE_HOME: cache, LC_ALL: 'C.UTF-8' } });
    running.add(this.process);
    this.exited = new Promise((resolve) => this.process.on('exit', (code) => {
      running.delete(this.process);
      this.connection.dispose();
      resolve(code);
    }));
    this.connection = rpc.createMessageConnection(
      new rpc.StreamMessageReader(this.process.stdout), new rpc.StreamMessageWriter(this.process.stdin));
    this.told = new Map();
    this.waiting = [];
    this.connection.onNotification(lsp.PublishDiagnosticsNotification.type, (params) => {
      this.told.set(params.uri, params.diagnostics);
      this.waiting = this.waiting.filter((w) => !(w.uri === params.uri && w.wanted(params.diagnostics) && (w.resolve(params.diagnostics), true)));
    });
    this.connection.listen();
    this.versions = new Map();
    this.texts = new Map();
    this.encodings = encodings;
  }
  ask(type, params) {
    return this.connection.sendRequest(type, params);
  }
  async begin() {
    const capabilities = {
      general: this.encodings ? { positionEncodings: this.encodings } : {},
      textDocument: { publishDiagnostics: { relatedInformation: true, versionSupport: true, codeDescriptionSupport: true, tagSupport: { valueSet: [1] } },
        documentSymbol: { hierarchicalDocumentSymbolSupport: true } },
    };
    const result = await this.ask(lsp.InitializeRequest.type,
      { processId: process.pid, rootUri: null, capabilities, workspaceFolders: [{ uri: pathToFileURL(folder).toString(), name: 'shop' }] });
    await this.connection.sendNotification(lsp.InitializedNotification.type, {});
    return result;
  }
  open(name, text = FILES[name]) {
    this.texts.set(name, text);
    this.versions.set(name, 1);
    return this.connection.sendNotification(lsp.DidOpenTextDocumentNotification.type,
      { textDocument: { uri: uriOf(name), languageId: 'wayfare', version: 1, text } });
  }
  change(name, ...changes) {
    const version = this.versions.get(name) + 1;
    this.versions.set(name, version);
    for (const c of changes) this.texts.set(name, apply(this.texts.get(name), [{ range: c.range, newText: c.text }]));
    return this.connection.sendNotification(lsp.DidChangeTextDocumentNotification.type,
      { textDocument: { uri: uriOf(name), version }, contentChanges: changes });
  }
  // The next diagnostics of a file that are as wanted.
  diagnostics(name, wanted) {
    const uri = uriOf(name), now = this.told.get(uri);
    if (now && wanted(now)) return Promise.resolve(now);
    return new Promise((resolve, reject) => {
      this.waiting.push({ uri, wanted, resolve });
      setTimeout(() => reject(new Error(`no such diagnostics of ${name}: ${JSON.stringify(this.told.get(uri))}`)), 5000).unref();
    });
  }
  at(name, word, within = 1) {
    const index = this.texts.get(name).indexOf(word);
    assert.notStrictEqual(index, -1, word);
    return { textDocument: { uri: uriOf(name) }, position: positionOf(this.texts.get(name), index + within) };
  }
  async end() {
    await this.ask(lsp.ShutdownRequest.type);
    await this.connection.sendNotification(lsp.ExitNotification.type);
    return this.exited;
  }
}

// JavaScript counts in UTF-16 units, as the protocol does.
function positionOf(text, index) {
  const before = text.slice(0, index).split('\n');
  return { line: before.length - 1, character: before.at(-1).length };
}
function indexOf(text, position) {
  const lines = text.split('\n');
  return lines.slice(0, position.line).reduce((n, l) => n + l.length + 1, 0) + position.character;
}
function apply(text, edits) {
  if (!edits[0]?.range) return edits.length ? edits[0].newText : text;
  for (const e of [...edits].sort((a, b) => indexOf(text, b.range.start) - indexOf(text, a.range.start)))
    text = text.slice(0, indexOf(text, e.range.start)) + e.newText + text.slice(indexOf(text, e.range.end));
  return text;
}

const client = new Client();
let legend;

test('initialize', async () => {
  const result = await client.begin();
  assert.strictEqual(result.capabilities.positionEncoding, 'utf-16');
  assert.strictEqual(result.serverInfo.name, 'wayfare');
  legend = result.capabilities.semanticTokensProvider.legend;
});

test('diagnostics as one types, also of the importer', async () => {
  await client.open('words.way');
  await client.open('main.way');
  await client.diagnostics('main.way', (d) => d.length === 0);
  const text = client.texts.get('words.way'), start = text.indexOf('lapsed');
  const range = { start: positionOf(text, start), end: positionOf(text, start + 6) };
  await client.change('words.way', { range, text: 'gone' });
  const [told] = await client.diagnostics('main.way', (d) => d.length === 1);
  assert.strictEqual(told.code, 'E0201');
  assert.strictEqual(told.severity, lsp.DiagnosticSeverity.Error);
  assert.deepStrictEqual(told.range.start, positionOf(FILES['main.way'], FILES['main.way'].indexOf('lapsed')));
  await client.change('words.way', { range: { start: range.start, end: positionOf(client.texts.get('words.way'), start + 4) }, text: 'lapsed' });
  await client.diagnostics('main.way', (d) => d.length === 0);
});

test('completion', async () => {
  const list = await client.ask(lsp.CompletionRequest.type, client.at('main.way', 'lapsed', 2));
  const item = list.items[0];
  assert.strictEqual(item.label, 'lapsed');
  assert.match(item.documentation.value, /ninety days/);
  assert.strictEqual(indexOf(FILES['main.way'], item.textEdit.range.start), FILES['main.way'].indexOf('lapsed'));
});

test('hover tells the size on the last night', async () => {
  const hover = await client.ask(lsp.HoverRequest.type, client.at('main.way', 'lapsed'));
  assert.match(hover.contents.value, /segment lapsed is/);
  assert.match(hover.contents.value, /2026-11-22.*4711/);
});

test('definition leads into a copy of the library that nobody writes to', async () => {
  const at = client.at('words.way', 'purchase older');
  const [place] = await client.ask(lsp.DefinitionRequest.type, at);
  const file = fileURLToPath(place.uri);
  assert.ok(file.startsWith(cache), file);
  const text = fs.readFileSync(file, 'utf8');
  assert.strictEqual(text.slice(indexOf(text, place.range.start), indexOf(text, place.range.end)), 'purchase');
  assert.strictEqual(fs.statSync(file).mode & 0o222, 0);
});

test('what was known is known while a sentence is being written, and its code leads to a page', async () => {
  const whole = client.texts.get('words.way');
  await client.change('words.way', { text: whole.replace('older than 90d', 'older th') });
  const [found] = await client.diagnostics('words.way', (list) => list.length > 0);
  assert.match(fs.readFileSync(fileURLToPath(found.codeDescription.href), 'utf8'), new RegExp(`^# ${found.code}: `));
  const hover = await client.ask(lsp.HoverRequest.type, client.at('main.way', 'lapsed'));
  assert.match(hover.contents.value, /segment lapsed is last purchase older than 90d/);
  const [place] = await client.ask(lsp.DefinitionRequest.type, client.at('main.way', 'lapsed'));
  assert.strictEqual(place.range.start.line, 3);
  await client.change('words.way', { text: whole });
});

test('rename across files, and what is left is whole', async () => {
  const edit = await client.ask(lsp.RenameRequest.type, { ...client.at('words.way', 'lapsed'), newName: 'sleeping' });
  assert.deepStrictEqual(Object.keys(edit.changes).sort(), [uriOf('main.way'), uriOf('words.way')]);
  for (const name of ['main.way', 'words.way'])
    await client.change(name, { text: apply(client.texts.get(name), edit.changes[uriOf(name)]) });
  await client.ask(lsp.DocumentSymbolRequest.type, { textDocument: { uri: uriOf('main.way') } });
  assert.deepStrictEqual(client.told.get(uriOf('main.way')), []);
  assert.match(client.texts.get('main.way'), /becomes sleeping/);
  await assert.rejects(client.ask(lsp.RenameRequest.type, { ...client.at('words.way', 'sleeping'), newName: 'purchase' }), /purchase/);
  await assert.rejects(client.ask(lsp.PrepareRenameRequest.type, client.at('main.way', 'enter')), /name of its own/);
});

test('a journey keeps its past under a new name', async () => {
  const edit = await client.ask(lsp.RenameRequest.type, { ...client.at('main.way', 'back'), newName: 'return_' });
  assert.match(apply(client.texts.get('main.way'), edit.changes[uriOf('main.way')]), /journey return_ \{\n {2}was back\n {2}enter/);
});

test('mends', async () => {
  const before = client.texts.get('main.way'), at = before.indexOf('3d');
  const end = positionOf(before, at + 2);
  await client.change('main.way', { range: { start: positionOf(before, at), end }, text: '3 days' });
  const [told] = await client.diagnostics('main.way', (d) => d.length > 0);
  const actions = await client.ask(lsp.CodeActionRequest.type,
    { textDocument: { uri: uriOf('main.way') }, range: told.range, context: { diagnostics: [told] } });
  const fix = actions.find((a) => a.kind === 'quickfix');
  assert.ok(fix.isPreferred);
  await client.change('main.way', { text: apply(client.texts.get('main.way'), fix.edit.changes[uriOf('main.way')]) });
  await client.diagnostics('main.way', (d) => d.length === 0);
  assert.strictEqual(client.texts.get('main.way'), before);
  assert.ok(actions.some((a) => a.kind === 'source.fixAll'));
});

test('formatting', async () => {
  const messy = client.texts.get('main.way').replace('  wait 3d', '      wait   3d   ');
  await client.change('main.way', { text: messy });
  const edits = await client.ask(lsp.DocumentFormattingRequest.type, { textDocument: { uri: uriOf('main.way') }, options: { tabSize: 2, insertSpaces: true } });
  assert.match(apply(messy, edits), /\n {2}wait 3d\n/);
});

test('places in Chinese text, and beyond the first plane', async () => {
  await client.open('zh.way');
  const marks = await client.ask(lsp.DocumentHighlightRequest.type, client.at('zh.way', '流失'));
  const text = FILES['zh.way'];
  assert.deepStrictEqual(marks.map((m) => text.slice(indexOf(text, m.range.start), indexOf(text, m.range.end))), ['流失', '流失']);
  const at = text.indexOf('😀你');
  await client.change('zh.way', { range: { start: positionOf(text, at), end: positionOf(text, at + 2) }, text: '𠀀' });
  const hole = await client.ask(lsp.HoverRequest.type, client.at('zh.way', '姓名'));
  assert.match(hole.contents.value, /name text\?/);
  const { data } = await client.ask(lsp.SemanticTokensRequest.type, { textDocument: { uri: uriOf('zh.way') } });
  const now = client.texts.get('zh.way'), lines = now.split('\n'), seen = [];
  for (let i = 0, line = 0, character = 0; i < data.length; i += 5) {
    line += data[i];
    character = data[i] ? data[i + 1] : character + data[i + 1];
    seen.push(`${lines[line].slice(character, character + data[i + 2])}:${legend.tokenTypes[data[i + 3]]}`);
  }
  for (const want of ['分群:keyword', '流失:class', '末次:keyword', '购买:event', '90天:number', '姓名:property', '问候:macro'])
    assert.ok(seen.includes(want), `${want} is not among ${seen}`);
});

test('outline and folding', async () => {
  const [, , journey] = await client.ask(lsp.DocumentSymbolRequest.type, { textDocument: { uri: uriOf('main.way') } });
  assert.strictEqual(journey.name, 'back');
  const folds = await client.ask(lsp.FoldingRangeRequest.type, { textDocument: { uri: uriOf('main.way') } });
  assert.ok(folds.some((f) => f.startLine === 3 && f.endLine === 7));
});

test('shutdown and exit', async () => {
  assert.strictEqual(await client.end(), 0);
});

test('bytes, where the client counts them', async () => {
  const bytes = new Client(['utf-8', 'utf-16']);
  assert.strictEqual((await bytes.begin()).capabilities.positionEncoding, 'utf-8');
  await bytes.open('zh.way', '分群 s 是 nobody\n');
  const [told] = await bytes.diagnostics('zh.way', (d) => d.length > 0);
  assert.strictEqual(told.range.start.character, Buffer.byteLength('分群 s 是 '));
  assert.strictEqual(await bytes.end(), 0);
});

test('a client that is gone', async () => {
  const gone = new Client();
  await gone.begin();
  gone.process.stdin.end();
  assert.strictEqual(await gone.exited, 1);
});
