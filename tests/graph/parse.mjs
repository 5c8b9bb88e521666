// Reads a graph with Mermaid's own parser and the same graph as Graphviz understood its DOT, and
// wants the same nodes and edges, label for label.
//
//   node parse.mjs GRAPH.mmd GRAPH.json        (the JSON is that of `dot -Tdot_json`)
import { readFileSync } from 'node:fs';
import { JSDOM } from 'jsdom';

const { window } = new JSDOM('');
globalThis.window = window;
globalThis.document = window.document;
const { default: mermaid } = await import('mermaid');
mermaid.initialize({ startOnLoad: false });

const [mermaidFile, jsonFile] = process.argv.slice(2);

// Until it draws, Mermaid keeps its entities as ﬂ°°62¶ß.
const plain = (text) => text.replace(/ﬂ°°(\d+)¶ß/g, (_, code) => String.fromCodePoint(Number(code)))
    .replace(/<br ?\/?>/g, '\n');

// DOT keeps the backslashes of a label; \n is a line's end.
const unescaped = (text) => text.replace(/\\(.)/g, (_, c) => (c === 'n' ? '\n' : c));

async function fromMermaid(text) {
    const { diagramType } = await mermaid.parse(text);
    if (!diagramType.startsWith('flowchart')) throw new Error(`a ${diagramType}, not a flowchart`);
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(text);
    const edges = db.getEdges().map((e) => `${e.start} -> ${e.end} ${plain(e.text)}`);
    const nodes = [...db.getVertices()].map(([id, v]) => `${id} ${v.classes.join()} ${plain(v.text)}`);
    return { title: db.getDiagramTitle(), nodes, edges };
}

function fromDot(graph) {
    const name = (i) => graph.objects[i].name;
    const edges = (graph.edges ?? []).map((e) =>
        `${name(e.tail)} -> ${name(e.head)} ${unescaped(e.label)}`);
    return { nodes: graph.objects.map((o) => `${o.name} ${unescaped(o.label)}`), edges };
}

const a = await fromMermaid(readFileSync(mermaidFile, 'utf8'));
const b = fromDot(JSON.parse(readFileSync(jsonFile, 'utf8')));
const withoutClass = a.nodes.map((n) => n.replace(/ \S+/, ''));
for (const [what, x, y] of [['nodes', withoutClass, b.nodes], ['edges', a.edges, b.edges]]) {
    const left = [...x].sort(), right = [...y].sort();
    for (let i = 0; i < Math.max(left.length, right.length); i++)
        if (left[i] !== right[i]) {
            console.error(`${mermaidFile}: ${what} differ:\n  mermaid   ${JSON.stringify(left[i])}\n  graphviz  ${JSON.stringify(right[i])}`);
            process.exit(1);
        }
}
if (a.nodes.some((n) => !/^n\d+ \w+ /.test(n))) throw new Error('a node without a style');
console.log(`${mermaidFile}: ${a.nodes.length} nodes, ${a.edges.length} edges`);
