// The TextMate grammar, by the tokeniser that editors use: every word of the language has a colour,
// in both languages.
const assert = require('node:assert');
const fs = require('node:fs');
const path = require('node:path');
const { test } = require('node:test');
const oniguruma = require('vscode-oniguruma');
const textmate = require('vscode-textmate');

const top = path.join(__dirname, '..', '..');
const { readTable, grammar } = require(path.join(top, 'lang/editors/vscode/grammar.js'));
const table = readTable(path.join(top, 'lang/syntax/keywords.def'));

const wasm = fs.readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm'));
const onigLib = oniguruma.loadWASM(wasm.buffer.slice(wasm.byteOffset, wasm.byteOffset + wasm.length)).then(() => ({
  createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
  createOnigString: (text) => new oniguruma.OnigString(text),
}));
const loaded = new textmate.Registry({
  onigLib,
  loadGrammar: async () => textmate.parseRawGrammar(JSON.stringify(grammar(table)), 'wayfare.json'),
}).loadGrammar('source.wayfare');

// [text, innermost scope] of a line.
async function tokens(line) {
  const g = await loaded;
  return g.tokenizeLine(line, textmate.INITIAL).tokens.map((t) => [line.slice(t.startIndex, t.endIndex), t.scopes.at(-1), t.scopes]);
}

async function scopeOf(line, text) {
  const found = (await tokens(line)).find(([t]) => t === text);
  assert.ok(found, `${text} is no token of ${line}: ${JSON.stringify(await tokens(line))}`);
  return found[1];
}

test('the table is read whole', () => {
  const source = fs.readFileSync(path.join(top, 'lang/syntax/keywords.def'), 'utf8');
  const rows = source.match(/^(KEYWORD|TWIN)\(\w+, /gm).filter((r) => !r.includes('(id'));
  assert.strictEqual(table.words.length, rows.length);
  assert.strictEqual(table.units.length, 14);
});

test('every word has a colour, in both languages', async () => {
  for (const { en, zh } of table.words) {
    for (const word of [en, zh]) {
      if (!word) continue;
      assert.match(await scopeOf(`x ${word} y`, word), /^(keyword|storage|support|constant)\./, word);
    }
  }
});

test('units belong to their numbers', async () => {
  for (const unit of table.units)
    assert.match(await scopeOf(`wait 30${unit} `, `30${unit}`), /^constant\.numeric\.duration/, unit);
});

test('samples', async () => {
  const samples = [
    ['segment lapsed is last purchase older than 90d # gone', 'lapsed', /^variable/],
    ['segment lapsed is last purchase older than 90d # gone', 'older than', /comparison/],
    ['segment lapsed is last purchase older than 90d # gone', '# gone', /^comment/],
    ['coupon X { value 20.00 stock 50% }', '20.00', /^constant\.numeric/],
    ['on 2026-11-22 expect nothing', '2026-11-22', /date/],
    ['quiet 21:00 to 09:00 defer', '21:00', /clock/],
    ['segment s is purchase.count > 3', 'count', /^variable/],
    ['let settings = 1', 'settings', /^variable/],
    ['en "Hello {name|friend}"', 'name', /^variable/],
    ['en "Hello {name|friend}"', 'friend', /fallback/],
    ['en "say \\"hi\\""', '\\"', /escape/],
    ['当入会+7天且非已购买则发送优惠券', '7天', /duration/],
    ['当入会+7天且非已购买则发送优惠券', '发送', /action/],
    ['当入会+7天且非已购买则发送优惠券', '优惠券', /declaration/],
    ['zh 「您好{姓名|亲}」', '您好', /^string/],
    ['分群 流失 是 末次 购买 早于 ９０天', '早于', /comparison/],
  ];
  for (const [line, text, scope] of samples) assert.match(await scopeOf(line, text), scope, `${text} in ${line}`);
});

test('a text ends with its line', async () => {
  const g = await loaded;
  const first = g.tokenizeLine('en "open', textmate.INITIAL);
  const [token] = g.tokenizeLine('segment', first.ruleStack).tokens;
  assert.match(token.scopes.at(-1), /^keyword/);
});
