//===- Parse.cpp - Reads MLIR text of any origin --------------------------===//

#include "poolc/Pipeline/Parse.h"

#include "Names.h"
#include "WrittenSize.h"
#include "poolc/Support/Nesting.h"

#include "mlir/AsmParser/AsmParser.h"
#include "mlir/AsmParser/AsmParserState.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"
#include "llvm/ADT/StringExtras.h"

using namespace mlir;

/// Far above what names and types take.
static constexpr unsigned maxWordLength = 4096;

/// The location of the character at `offset` in the main buffer.
static Location locationAt(const llvm::SourceMgr &source, size_t offset, MLIRContext *context) {
  unsigned id = source.getMainFileID();
  const llvm::MemoryBuffer *buffer = source.getMemoryBuffer(id);
  auto [line, column] =
      source.getLineAndColumn(llvm::SMLoc::getFromPointer(buffer->getBufferStart() + offset), id);
  return FileLineColLoc::get(context, buffer->getBufferIdentifier(), line, column);
}

/// The first of the characters that no MLIR text holds, if any: control
/// characters other than white space, NUL above all.
static std::optional<size_t> findBinaryCharacter(StringRef text) {
  const auto *it = llvm::find_if(text, [](char c) {
    return (static_cast<unsigned char>(c) < ' ' && !llvm::isSpace(c)) || c == 0x7f;
  });
  return it == text.end() ? std::nullopt : std::optional<size_t>(it - text.begin());
}

/// Offset of the first word of more than `limit` characters outside of strings.
/// MLIR's lexer takes time quadratic in the length of "1x1x1x...".
static std::optional<size_t> findLongWord(StringRef text, unsigned limit) {
  size_t length = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') {
      // To the closing quote, or as far as there is text.
      for (++i; i < text.size() && text[i] != '"'; ++i)
        i += text[i] == '\\';
      length = 0;
    } else if (!llvm::isAlnum(text[i]) && text[i] != '_') {
      length = 0;
    } else if (++length > limit) {
      return i;
    }
  }
  return std::nullopt;
}

LogicalResult poolc::checkText(const llvm::SourceMgr &source, MLIRContext *context) {
  StringRef text = source.getMemoryBuffer(source.getMainFileID())->getBuffer();
  if (text.starts_with("ML\xefR"))
    return emitError(locationAt(source, 0, context)) << "expected MLIR text, got MLIR bytecode";
  if (std::optional<size_t> offset = findBinaryCharacter(text))
    return emitError(locationAt(source, *offset, context))
           << "expected MLIR text, got binary data (byte "
           << unsigned(static_cast<unsigned char>(text[*offset])) << " at offset " << *offset
           << ")";
  if (std::optional<size_t> offset = poolc::findNestingBeyond(text, poolc::maxNesting))
    return emitError(locationAt(source, *offset, context))
           << "expected at most " << poolc::maxNesting << " levels of nested brackets";
  if (std::optional<size_t> offset = findLongWord(text, maxWordLength))
    return emitError(locationAt(source, *offset, context))
           << "expected words of at most " << maxWordLength << " characters";
  return success();
}

OwningOpRef<ModuleOp> poolc::parseModule(const std::shared_ptr<llvm::SourceMgr> &source,
                                         MLIRContext *context) {
  if (failed(checkText(*source, context)))
    return nullptr;
  Block block;
  AsmParserState state;
  if (failed(parseAsmSourceFile(*source, &block, ParserConfig(context), &state)))
    return nullptr;
  Location start = locationAt(*source, 0, context);
  auto module =
      mlir::detail::constructContainerOpForParserIfNecessary<ModuleOp>(&block, context, start);
  if (!module)
    return nullptr;
  if (module->getBody()->empty()) {
    emitError(start) << "expected a function to compile, got an empty module";
    return nullptr;
  }
  if (failed(checkWrittenSize(*module)))
    return nullptr;
  nameArgumentsAndResults(*module, state);
  return module;
}
