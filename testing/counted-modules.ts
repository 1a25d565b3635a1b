import { buildSync } from 'esbuild';
import ts from 'typescript';

/** Modules that count what they do. */
export interface Counted<T> {
  readonly modules: T;
  /** Functions that were called and rounds of loops that were begun meanwhile: the same number on every machine. */
  countSteps(run: () => void): number;
}

/**
 * Loads modules with a counter at the beginning of each function and of each loop's body. What the engine does within one of
 * its own functions is not counted. `source` is a module that exports what is wanted, with imports relative to `folder`.
 */
export function loadCounted<T>(folder: string, source: string): Counted<T> {
  const { outputFiles } = buildSync({
    stdin: { contents: source, resolveDir: folder, loader: 'ts' },
    bundle: true,
    write: false,
    format: 'cjs',
    target: 'es2023',
  });
  const { outputText } = ts.transpileModule(outputFiles[0]?.text ?? '', {
    compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.None },
    transformers: { before: [counting] },
  });
  const counter = { steps: 0 };
  const module: { exports: unknown } = { exports: {} };
  new Function('module', 'exports', COUNTER, outputText)(module, module.exports, counter);
  return {
    modules: module.exports as T,
    countSteps(run) {
      const before = counter.steps;
      run();
      return counter.steps - before;
    },
  };
}

/** What the counter is called in the modules. */
const COUNTER = 'countedSteps';

/** `countedSteps.steps++` */
function increment(factory: ts.NodeFactory): ts.Expression {
  return factory.createPostfixIncrement(
    factory.createPropertyAccessExpression(factory.createIdentifier(COUNTER), 'steps'),
  );
}

const counting: ts.TransformerFactory<ts.SourceFile> = (context) => {
  const { factory } = context;
  const counted = (body: ts.Statement): ts.Block => {
    const statements = ts.isBlock(body) ? body.statements : [body];
    return factory.createBlock([factory.createExpressionStatement(increment(factory)), ...statements], true);
  };
  const visit = (node: ts.Node): ts.Node => {
    const seen = ts.visitEachChild(node, visit, context);
    if (ts.isArrowFunction(seen)) {
      const { modifiers, typeParameters, parameters, type, equalsGreaterThanToken, body } = seen;
      const block = ts.isBlock(body) ? body : factory.createBlock([factory.createReturnStatement(body)]);
      return factory.updateArrowFunction(
        seen,
        modifiers,
        typeParameters,
        parameters,
        type,
        equalsGreaterThanToken,
        counted(block),
      );
    }
    if (ts.isBlock(seen) && ts.isFunctionLike(node.parent) && !ts.isArrowFunction(node.parent)) return counted(seen);
    if (ts.isForStatement(seen)) {
      return factory.updateForStatement(
        seen,
        seen.initializer,
        seen.condition,
        seen.incrementor,
        counted(seen.statement),
      );
    }
    if (ts.isForOfStatement(seen)) {
      return factory.updateForOfStatement(
        seen,
        seen.awaitModifier,
        seen.initializer,
        seen.expression,
        counted(seen.statement),
      );
    }
    if (ts.isWhileStatement(seen)) return factory.updateWhileStatement(seen, seen.expression, counted(seen.statement));
    return seen;
  };
  return (file) => ts.visitEachChild(file, visit, context);
};
