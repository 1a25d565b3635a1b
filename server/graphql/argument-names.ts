import { type ASTNode, type DocumentNode, GraphQLError, visit } from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** Adds the name of the argument to errors about literals; GraphQL itself names only variables. */
export const argumentNamesPlugin: Plugin = {
  onValidate({ params }) {
    return ({ result, setResult }) => {
      if (result.length > 0) setResult(result.map((error) => withArgumentName(error, params.documentAST)));
    };
  },
};

function withArgumentName(error: GraphQLError, document: DocumentNode): GraphQLError {
  // Validation results are cached, and come here again with the same document.
  if (error.extensions.argument !== undefined) return error;
  const [value] = error.nodes ?? [];
  const argument = value && error.originalError ? argumentOf(value, document) : null;
  if (argument === null) return error;
  const { nodes, originalError, extensions } = error;
  return new GraphQLError(`${argument}: ${error.message}`, {
    nodes: nodes ?? null,
    originalError: originalError ?? null,
    extensions: { ...extensions, argument },
  });
}

/** The argument that a value is given for, itself or as a part of it. */
function argumentOf(value: ASTNode, document: DocumentNode): string | null {
  let found: string | null = null;
  visit(document, {
    Argument(argument) {
      visit(argument, {
        enter(node) {
          if (node === value) found = argument.name.value;
        },
      });
    },
  });
  return found;
}
