//===- Header.cpp - A C++ header that launches a program ------------------===//

#include "poolc/CodeGen/Header.h"

#include "HeaderDriver.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSet.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace poolc;
using llvm::StringRef;

/// Alignment of each temporary in the workspace, that of cuMemAlloc.
static constexpr uint64_t workspaceAlignment = 256;

/// Compilers limit the length of one string literal; adjacent ones are joined.
static constexpr size_t maxLiteralLength = 8000;

/// "conv-block 2" -> "ConvBlock2".
static std::string camelCase(StringRef name) {
  std::string result;
  bool upper = true;
  for (char c : name) {
    if (llvm::isAlnum(c))
      result += upper ? llvm::toUpper(c) : c;
    upper = !llvm::isAlnum(c);
  }
  return result.empty() || llvm::isDigit(result[0]) ? "P" + result : result;
}

namespace {
class HeaderWriter {
public:
  HeaderWriter(const Plan &plan, StringRef ptx, StringRef name)
      : plan(plan), ptx(ptx), className(camelCase(name) + "Program"), os(text) {}

  llvm::Expected<std::string> write();

private:
  void writeIntroduction();
  void writeClass();
  void writePTX();
  void writeLoad();
  void writeLaunchFunction();
  void writeLaunch(size_t index);
  std::string declareArguments(const Plan::Launch &launch);

  /// The constant that `expression` is; the first one that is none is the error.
  int64_t constant(const Expression &expression, const llvm::Twine &path);
  uint64_t bytesOf(DataType type, llvm::ArrayRef<Expression> shape, StringRef name);
  std::string shapeOf(DataType type, llvm::ArrayRef<Expression> shape);
  /// A C++ identifier for a buffer, different for each.
  std::string identifier(StringRef name);

  const Plan &plan;
  StringRef ptx;
  std::string text, className, problem;
  llvm::raw_string_ostream os;
  llvm::StringMap<std::string> identifiers;
  llvm::StringSet<> taken;
};
} // namespace

int64_t HeaderWriter::constant(const Expression &expression, const llvm::Twine &path) {
  if (std::optional<int64_t> value = expression.constant())
    return *value;
  if (problem.empty())
    problem =
        ("expected constant sizes for a header, got '" + expression.str() + "' for " + path).str();
  return 0;
}

uint64_t HeaderWriter::bytesOf(DataType type, llvm::ArrayRef<Expression> shape, StringRef name) {
  uint64_t bytes = sizeInBytes(type);
  for (const Expression &size : shape)
    bytes = llvm::SaturatingMultiply<uint64_t>(bytes, constant(size, "the shape of " + name));
  return bytes;
}

std::string HeaderWriter::shapeOf(DataType type, llvm::ArrayRef<Expression> shape) {
  auto sizes = llvm::map_range(shape, [](const Expression &size) { return size.str(); });
  return (toString(type) + "[" + llvm::join(sizes, ", ") + "]").str();
}

/// The C++ type of the elements; half-precision types have none without CUDA.
static StringRef elementType(DataType type) {
  switch (type) {
  case DataType::f64:
    return "double";
  case DataType::f32:
    return "float";
  case DataType::i8:
    return "std::int8_t";
  case DataType::i16:
    return "std::int16_t";
  case DataType::i32:
    return "std::int32_t";
  case DataType::i64:
    return "std::int64_t";
  case DataType::u8:
    return "std::uint8_t";
  case DataType::u16:
    return "std::uint16_t";
  case DataType::u32:
    return "std::uint32_t";
  case DataType::u64:
    return "std::uint64_t";
  case DataType::f16:
  case DataType::bf16:
    return "void";
  }
  return "void";
}

/// C++'s own words, and those of the generated function.
static bool isTaken(StringRef word) {
  static constexpr StringRef words =
      " alignas alignof and asm auto bool break case catch char class concept const consteval "
      "constexpr constinit continue decltype default delete do double else enum explicit export "
      "extern false float for friend goto if inline int long mutable namespace new noexcept not "
      "nullptr operator or private protected public register requires return short signed sizeof "
      "static struct switch template this throw true try typedef typeid typename union unsigned "
      "using virtual void volatile while xor "
      "arguments driver error functions isAligned module ptx launch load std stream workspace ";
  return words.contains((" " + word + " ").str()) || word.starts_with("argument");
}

/// The name, or one like it that C++ and the generated function leave free.
std::string HeaderWriter::identifier(StringRef name) {
  std::string &known = identifiers[name];
  if (!known.empty())
    return known;
  known = name.str();
  for (char &c : known)
    c = llvm::isAlnum(c) ? c : '_';
  if (known.empty() || llvm::isDigit(known[0]))
    known.insert(0, "b");
  if (isTaken(known))
    known.insert(0, "b_");
  while (!taken.insert(known).second)
    known += "_";
  return known;
}

/// For a // comment.
static std::string inOneLine(StringRef text) {
  std::string line = text.str();
  for (char &c : line)
    if (!llvm::isPrint(c) || c == '\\')
      c = '?';
  return line;
}

void HeaderWriter::writeIntroduction() {
  os << "// Generated by poolc " << plan.poolc << " for " << plan.target << " (" << plan.chip
     << ", PTX " << plan.ptxVersion << ").\n"
     << "//\n"
     << "// Needs C++17, a CUDA context that is current in the calling thread (the runtime\n"
     << "// API makes one) and, on older systems, -ldl. Pointers are device memory.\n"
     << "//\n"
     << "//   poolc_launch::" << className << " program;\n"
     << "//   int error = program.load();  // once; 0 or an error code of the CUDA driver\n"
     << "//   error = program.launch(";
  for (const Plan::Argument &argument : plan.arguments)
    os << inOneLine(argument.name) << ", ";
  os << "workspace, stream);\n"
     << "//\n"
     << headerDriverText;
}

void HeaderWriter::writePTX() {
  os << "  static constexpr const char *ptx() {\n"
     << "    return";
  // The end of a raw literal cannot occur in PTX.
  for (StringRef rest = ptx; !rest.empty(); rest = rest.drop_front(maxLiteralLength))
    os << " R\"poolc_ptx(" << rest.take_front(maxLiteralLength) << ")poolc_ptx\"";
  os << ";\n  }\n\n";
}

void HeaderWriter::writeLoad() {
  os << "  /// Loads the kernels into the current CUDA context.\n"
     << "  int load() {\n"
     << "    const Driver &driver = Driver::get();\n"
     << "    if (!driver.complete)\n"
     << "      return errorNoDriver;\n"
     << "    if (int error = driver.loadModule(&module, ptx()))\n"
     << "      return error;\n";
  for (const auto &[i, launch] : llvm::enumerate(plan.launches)) {
    os << "    if (int error = driver.getFunction(&functions[" << i << "], module, \""
       << inOneLine(launch.kernel) << "\"))\n      return error;\n";
    int64_t bytes = constant(launch.dynamicSharedBytes, launch.kernel);
    if (bytes > 0)
      os << "    if (int error = driver.setAttribute(functions[" << i
         << "], maxDynamicSharedBytes, " << bytes << "))\n      return error;\n";
  }
  os << "    return 0;\n  }\n\n";
}

/// Declares variables for the arguments that are no buffers; returns the list of
/// the addresses of all.
std::string HeaderWriter::declareArguments(const Plan::Launch &launch) {
  llvm::SmallVector<std::string> addresses;
  for (const auto &[i, argument] : llvm::enumerate(launch.arguments)) {
    std::string name = "argument" + std::to_string(i);
    addresses.push_back("&" + name);
    if (const auto *buffer = std::get_if<Plan::BufferArgument>(&argument)) {
      int64_t offset = constant(buffer->offsetBytes, launch.kernel);
      os << "      const void *" << name << " = " << identifier(buffer->name) << ";\n";
      if (offset != 0)
        os << "      " << name << " = static_cast<const char *>(" << name << ") + " << offset
           << ";\n";
    } else if (const auto *scalar = std::get_if<Plan::ScalarArgument>(&argument)) {
      bool isHalf = scalar->type == DataType::f16 || scalar->type == DataType::bf16;
      if (isHalf && problem.empty())
        problem =
            "expected no 16-bit floating-point argument for a header, got one of " + launch.kernel;
      os << "      " << elementType(scalar->type) << " " << name << " = ";
      if (const auto *number = std::get_if<double>(&scalar->value))
        os << llvm::formatv("static_cast<{0}>({1:E16})", elementType(scalar->type), *number);
      else
        os << constant(std::get<Expression>(scalar->value), launch.kernel);
      os << ";\n";
    } else if (const auto *block = std::get_if<Plan::BytesArgument>(&argument)) {
      os << "      alignas(" << block->alignment << ") unsigned char " << name << "[] = {"
         << llvm::join(
                llvm::map_range(block->bytes, [](uint8_t byte) { return std::to_string(byte); }),
                ", ")
         << "};\n";
    } else {
      os << "      const void *" << name << " = nullptr;\n";
    }
  }
  return llvm::join(addresses, ", ");
}

void HeaderWriter::writeLaunch(size_t index) {
  const Plan::Launch &launch = plan.launches[index];
  if (launch.when && constant(*launch.when, launch.kernel) == 0)
    return;
  os << "    { // " << inOneLine(launch.op) << (launch.op.empty() ? "" : " at ")
     << inOneLine(launch.location) << "\n";
  std::string addresses = declareArguments(launch);
  os << "      void *arguments[] = {" << addresses << (addresses.empty() ? "nullptr" : "") << "};\n"
     << "      if (int error = driver.launch(functions[" << index << "]";
  for (const Expression &size : launch.grid)
    os << ", " << constant(size, launch.kernel);
  for (const Expression &size : launch.block)
    os << ", " << constant(size, launch.kernel);
  os << ", " << constant(launch.dynamicSharedBytes, launch.kernel)
     << ", stream, arguments, nullptr))\n"
     << "        return error;\n"
     << "    }\n";
}

void HeaderWriter::writeLaunchFunction() {
  os << "  /// Begins the work on `stream` and returns.\n";
  for (const Plan::Argument &argument : plan.arguments)
    os << "  /// `" << identifier(argument.name) << "`: " << shapeOf(argument.type, argument.shape)
       << ", " << (argument.role == Plan::Role::input ? "read" : "written") << ".\n";
  os << "  int launch(";
  for (const Plan::Argument &argument : plan.arguments)
    os << (argument.role == Plan::Role::input ? "const " : "") << elementType(argument.type) << " *"
       << identifier(argument.name) << ", ";
  os << "void *workspace = nullptr, void *stream = nullptr) const {\n"
     << "    [[maybe_unused]] const Driver &driver = Driver::get();\n"
     << "    if (!module)\n"
     << "      return errorNoDriver;\n";
  for (const Plan::Argument &argument : plan.arguments)
    os << "    if (!isAligned(" << identifier(argument.name) << ", "
       << std::max<int64_t>(argument.alignment, sizeInBytes(argument.type)) << "))\n"
       << "      return errorMisaligned;\n";
  os << "    if (!isAligned(workspace, " << workspaceAlignment << "))\n"
     << "      return errorMisaligned;\n";
  uint64_t offset = 0;
  for (const Plan::Temporary &temporary : plan.temporaries) {
    std::string name = identifier(temporary.name);
    uint64_t bytes = bytesOf(temporary.type, temporary.shape, temporary.name);
    os << "    [[maybe_unused]] void *" << name << " = static_cast<char *>(workspace) + " << offset
       << ";\n";
    if (temporary.init == Plan::Init::zero)
      os << "    if (int error = driver.setBytes(reinterpret_cast<std::uint64_t>(" << name
         << "), 0, " << bytes << ", stream))\n      return error;\n";
    offset += llvm::alignTo(bytes, workspaceAlignment);
  }
  for (size_t i = 0; i < plan.launches.size(); ++i)
    writeLaunch(i);
  os << "    return 0;\n  }\n\n"
     << "  /// Bytes of device memory that `launch` takes as workspace, aligned to "
     << workspaceAlignment << ".\n"
     << "  static constexpr std::size_t workspaceBytes = " << offset << ";\n\n";
}

void HeaderWriter::writeClass() {
  os << "\nnamespace poolc_launch {\n\n"
     << "class " << className << " {\n"
     << "public:\n"
     << "  " << className << "() = default;\n"
     << "  " << className << "(const " << className << " &) = delete;\n"
     << "  " << className << " &operator=(const " << className << " &) = delete;\n"
     << "  ~" << className << "() {\n"
     << "    if (module)\n"
     << "      Driver::get().unloadModule(module);\n"
     << "  }\n\n";
  writeLoad();
  writeLaunchFunction();
  writePTX();
  os << "private:\n"
     << "  void *module = nullptr;\n"
     << "  void *functions[" << std::max<size_t>(plan.launches.size(), 1) << "] = {};\n"
     << "};\n\n"
     << "} // namespace poolc_launch\n";
}

llvm::Expected<std::string> HeaderWriter::write() {
  std::string guard = "POOLC_LAUNCH_" + StringRef(className).upper() + "_H";
  writeIntroduction();
  os << "\n#ifndef " << guard << "\n#define " << guard << "\n";
  writeClass();
  os << "\n#endif // " << guard << "\n";
  if (!problem.empty())
    return llvm::createStringError(problem);
  return text;
}

llvm::Expected<std::string> poolc::emitHeader(const Plan &plan, StringRef ptx, StringRef name) {
  return HeaderWriter(plan, ptx, name).write();
}
