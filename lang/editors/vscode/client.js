// The client: starts `wayfare lsp` and lets the editor speak with it.
const vscode = require('vscode');
const { LanguageClient, TransportKind } = require('vscode-languageclient/node');

let client;

function serverOptions() {
  const settings = vscode.workspace.getConfiguration('wayfare');
  const chosen = settings.get('language');
  const language = chosen === 'auto' ? (vscode.env.language.startsWith('zh') ? 'zh' : 'en') : chosen;
  return {
    command: settings.get('path') || 'wayfare',
    args: ['lsp', '--lang', language],
    transport: TransportKind.stdio,
  };
}

function clientOptions(watcher) {
  return {
    documentSelector: [{ language: 'wayfare', scheme: 'file' }, { language: 'wayfare', scheme: 'untitled' }],
    initializationOptions: { out: vscode.workspace.getConfiguration('wayfare').get('out') },
    synchronize: { configurationSection: 'wayfare', fileEvents: watcher },
  };
}

async function start(watcher) {
  client = new LanguageClient('wayfare', 'Wayfare', serverOptions(), clientOptions(watcher));
  try {
    await client.start();
  } catch (error) {
    vscode.window.showErrorMessage(
      `Wayfare: the language server does not start (${error.message}). The setting wayfare.path says where the program is.`);
  }
}

async function stop() {
  const running = client;
  client = undefined;
  if (running) await running.stop().catch(() => undefined);
}

exports.activate = async function activate(context) {
  const watcher = vscode.workspace.createFileSystemWatcher('**/*.way');
  const restart = async () => {
    await stop();
    await start(watcher);
  };
  const changed = (event) => {
    if (['wayfare.path', 'wayfare.language'].some((key) => event.affectsConfiguration(key))) return restart();
  };
  context.subscriptions.push(
    watcher,
    vscode.commands.registerCommand('wayfare.restart', restart),
    vscode.workspace.onDidChangeConfiguration(changed));
  await start(watcher);
};

exports.deactivate = stop;
