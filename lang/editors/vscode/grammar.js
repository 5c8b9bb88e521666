// Writes the TextMate grammar from the language's one table of words.
//
//   node grammar.js lang/syntax/keywords.def > wayfare.tmLanguage.json
const fs = require('fs');

const SCOPES = {
  DECL: 'keyword.declaration', TYPE: 'support.type', ATTR: 'storage.modifier',
  LOGIC: 'keyword.operator.logical', COMPARE: 'keyword.operator.comparison',
  ARITH: 'keyword.operator.arithmetic', VALUE: 'keyword.other.value', WINDOW: 'keyword.other.window',
  WEEKDAY: 'constant.language.weekday', PROP: 'keyword.other.property', HEAD: 'keyword.control.head',
  ACTION: 'keyword.control.action', STEP: 'keyword.control.step', POLICY: 'keyword.control.policy',
  SELF: 'keyword.other',
};
const CONSTANTS = new Set(['TRUE', 'FALSE', 'MISSING', 'NOW', 'TODAY']);

function readTable(path) {
  const text = fs.readFileSync(path, 'utf8').replace(/\/\*[\s\S]*?\*\//g, '');
  const words = [...text.matchAll(/^KEYWORD\((\w+), "([^"]+)", "([^"]+)", (\w+),/gm)]
    .map(([, id, en, zh, group]) => ({ id, en, zh, group }));
  for (const [, id, en, zh, group] of text.matchAll(/^TWIN\((\w+), \w+, "([^"]+)", "([^"]+)", (\w+)\)/gm))
    words.push({ id, en: null, zh, group });
  const units = [...text.matchAll(/^UNIT\(\w+, "([^"]+)", "([^"]+)"\)/gm)].flatMap(([, en, zh]) => [en, zh]);
  return { words, units };
}

const longestFirst = (list) => [...new Set(list)].sort((a, b) => b.length - a.length);
const WORD = '[\\p{L}\\p{N}_]';

// English words stand between other characters; Chinese needs none between its words.
function wordPatterns(words) {
  const groups = new Map();
  for (const w of words) {
    const scope = CONSTANTS.has(w.id) ? 'constant.language' : SCOPES[w.group];
    if (!scope) throw new Error(`no scope for the group ${w.group}`);
    for (const text of [w.en, w.zh]) if (text) groups.set(text, scope);
  }
  // One pattern a word, the longest first: "in last" before "in", 优惠券目录 before 优惠券.
  return longestFirst([...groups.keys()]).map((text) => ({
    name: `${groups.get(text)}.wayfare`,
    match: /^[\x00-\x7f]+$/.test(text)
      ? `(?<!${WORD}|\\.)${text.replace(/ /g, '\\s+')}(?!${WORD})`
      : text,
  }));
}

function numbers(units) {
  const digit = '[0-9０-９]';
  const unit = longestFirst(units).map((u) => (/^[a-z]+$/.test(u) ? `${u}(?!${WORD})` : u)).join('|');
  return [
    { name: 'constant.numeric.time.wayfare', match: `(?<!${WORD})\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2})?` },
    { name: 'constant.numeric.date.wayfare', match: `(?<!${WORD})\\d{4}-\\d{2}-\\d{2}` },
    { name: 'constant.numeric.clock.wayfare', match: `(?<!${WORD})\\d{1,2}:\\d{2}` },
    { name: 'constant.numeric.duration.wayfare', match: `(?<![A-Za-z_0-9])${digit}+(?:${unit})` },
    { name: 'constant.numeric.percent.wayfare', match: `(?<![A-Za-z_0-9])${digit}+([.]${digit}+)?[%％]` },
    { name: 'constant.numeric.wayfare', match: `(?<![A-Za-z_0-9])${digit}+([.]${digit}+)?(?![A-Za-z_])` },
  ];
}

const string = (open, close) => ({
  name: 'string.quoted.double.wayfare',
  begin: open,
  end: `${close}|$`,
  patterns: [
    { name: 'constant.character.escape.wayfare', match: '\\\\(u\\{[0-9A-Fa-f]+\\}|.)' },
    {
      name: 'meta.embedded.hole.wayfare',
      begin: '\\{',
      beginCaptures: { 0: { name: 'punctuation.section.embedded.begin.wayfare' } },
      end: '\\}|(?=' + close + ')|$',
      endCaptures: { 0: { name: 'punctuation.section.embedded.end.wayfare' } },
      patterns: [
        { match: '(\\|)([^}"”」]*)', captures: { 1: { name: 'keyword.operator.fallback.wayfare' }, 2: { name: 'string.unquoted.fallback.wayfare' } } },
        { include: '#expression' },
      ],
    },
  ],
});

function grammar(table) {
  return {
    name: 'Wayfare',
    scopeName: 'source.wayfare',
    fileTypes: ['way'],
    patterns: [{ include: '#comment' }, { include: '#string' }, { include: '#expression' }],
    repository: {
      comment: { patterns: [{ name: 'comment.line.number-sign.wayfare', match: '[#＃].*$' }] },
      string: { patterns: [string('"', '"'), string('“', '”'), string('「', '」')] },
      expression: { patterns: [{ include: '#number' }, { include: '#word' }, { include: '#sign' }, { include: '#name' }] },
      number: { patterns: numbers(table.units) },
      word: { patterns: wordPatterns(table.words) },
      sign: {
        patterns: [
          { name: 'keyword.operator.wayfare', match: '->|!=|<=|>=|[=<>+*/＝＜＞＋＊／?？-]|－' },
          { name: 'punctuation.wayfare', match: '[{}()\\[\\].,:;，、：；（）【】｛｝。]' },
        ],
      },
      name: { patterns: [{ name: 'variable.other.wayfare', match: '[A-Za-z_][A-Za-z0-9_]*' }] },
    },
  };
}

if (require.main === module) {
  const table = readTable(process.argv[2]);
  process.stdout.write(JSON.stringify(grammar(table), null, 1) + '\n');
}
module.exports = { readTable, grammar };
