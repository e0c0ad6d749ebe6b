//===- Header.cpp - A C++ header that launches a program ------------------===//

#include "poolc/CodeGen/Header.h"

#include "HeaderDriver.h"
#include "HeaderNames.h"

#include "llvm/ADT/StringExtras.h"
#include "llvm/Support/FormatVariadic.h"
#include "llvm/Support/MathExtras.h"
#include "llvm/Support/raw_ostream.h"

using namespace poolc;
using llvm::StringRef;

/// Alignment of each temporary in the workspace, that of cuMemAlloc.
static constexpr uint64_t workspaceAlignment = 256;

/// Compilers limit the length of one string literal; adjacent ones are joined.
static constexpr size_t maxLiteralLength = 8000;

namespace {
class HeaderWriter {
public:
  HeaderWriter(const Plan &plan, StringRef ptx, StringRef name);

  llvm::Expected<std::string> write();

private:
  void writeIntroduction();
  void writeClass();
  void writePTX();
  void writeLoad();
  void writeCheckSizes();
  void writeTemporaries();
  void writeWorkspaceBytes();
  void writeLaunchFunction();
  void writeLaunch(size_t index);
  std::string declareArguments(const Plan::Launch &launch,
                               llvm::SmallVectorImpl<std::string> &computed, llvm::raw_ostream &os);

  /// The constant that `expression` is; the first one that is none is the error.
  int64_t constant(const Expression &expression, const llvm::Twine &path);
  /// The same, or C++ that computes it as a Size.
  std::string sizeOf(const Expression &expression, const llvm::Twine &path);
  /// C++ for the value of a Size that is no constant, once it was computed as one of
  /// `computed`; or the constant.
  std::string valueOf(const Expression &expression, const llvm::Twine &path,
                      llvm::SmallVectorImpl<std::string> &computed, StringRef type = "");
  std::string bytesOf(const Plan::Temporary &temporary);
  std::string shapeOf(DataType type, llvm::ArrayRef<Expression> shape);
  /// ", Size N, Size L" with that before each, and of each only its name.
  std::string listDims(StringRef before) const;
  bool isDynamic() const { return !plan.dims.empty(); }

  const Plan &plan;
  StringRef ptx;
  std::string text, className, problem;
  llvm::raw_string_ostream os;
  Identifiers identifiers;
  /// The identifiers of dimensions, and their names in the order of the arguments.
  llvm::StringMap<std::string> dims;
  llvm::SmallVector<StringRef> dimOrder;
};
} // namespace

HeaderWriter::HeaderWriter(const Plan &plan, StringRef ptx, StringRef name)
    : plan(plan), ptx(ptx), className(camelCase(name) + "Program"), os(text) {
  for (const Plan::Argument &argument : plan.arguments)
    (void)identifiers[argument.name];
  for (const auto &[dim, _] : plan.dims)
    dimOrder.push_back(dim);
  llvm::sort(dimOrder, [&](StringRef a, StringRef b) {
    const Plan::Dim &x = plan.dims.at(a.str()), &y = plan.dims.at(b.str());
    return std::tie(x.argument, x.axis) < std::tie(y.argument, y.axis);
  });
  for (StringRef dim : dimOrder)
    dims[dim] = identifiers.makeNew(dim);
}

int64_t HeaderWriter::constant(const Expression &expression, const llvm::Twine &path) {
  if (std::optional<int64_t> value = expression.constant())
    return *value;
  if (problem.empty())
    problem =
        ("expected constant sizes for a header, got '" + expression.str() + "' for " + path).str();
  return 0;
}

std::string HeaderWriter::sizeOf(const Expression &expression, const llvm::Twine &path) {
  bool isKnown = true;
  expression.forEachName([&](StringRef name) { isKnown &= dims.count(name) != 0; });
  if (!isKnown || expression.constant())
    return "Size(" + std::to_string(constant(expression, path)) + ")";
  return expression.str([&](StringRef name) { return dims.lookup(name); },
                        [](int64_t value) { return "Size(" + std::to_string(value) + ")"; });
}

std::string HeaderWriter::valueOf(const Expression &expression, const llvm::Twine &path,
                                  llvm::SmallVectorImpl<std::string> &computed, StringRef type) {
  if (!isDynamic() || expression.constant())
    return std::to_string(constant(expression, path));
  computed.push_back(sizeOf(expression, path));
  std::string value = "sizes[" + std::to_string(computed.size() - 1) + "].value";
  return type.empty() ? value : ("static_cast<" + type + ">(" + value + ")").str();
}

std::string HeaderWriter::bytesOf(const Plan::Temporary &temporary) {
  std::string path = "the shape of " + temporary.name;
  if (!isDynamic()) {
    uint64_t bytes = sizeInBytes(temporary.type);
    for (const Expression &size : temporary.shape)
      bytes = llvm::SaturatingMultiply<uint64_t>(bytes, constant(size, path));
    return std::to_string(bytes);
  }
  std::string bytes = "Size(" + std::to_string(sizeInBytes(temporary.type)) + ")";
  for (const Expression &size : temporary.shape)
    bytes += " * (" + sizeOf(size, path) + ")";
  return bytes;
}

std::string HeaderWriter::shapeOf(DataType type, llvm::ArrayRef<Expression> shape) {
  auto spellName = [&](StringRef name) {
    return dims.contains(name) ? dims.lookup(name) : name.str();
  };
  auto sizes = llvm::map_range(shape, [&](const Expression &size) {
    return size.str(spellName, [](int64_t value) { return std::to_string(value); });
  });
  return (toString(type) + "[" + llvm::join(sizes, ", ") + "]").str();
}

std::string HeaderWriter::listDims(StringRef before) const {
  std::string list;
  for (StringRef dim : dimOrder)
    list += (before + dims.lookup(dim) + ", ").str();
  return list;
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
  os << inOneLine(listDims("")) << "workspace, stream);\n"
     << "//\n"
     << headerDriverText;
  if (isDynamic())
    os << headerSizeText;
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
std::string HeaderWriter::declareArguments(const Plan::Launch &launch,
                                           llvm::SmallVectorImpl<std::string> &computed,
                                           llvm::raw_ostream &os) {
  llvm::SmallVector<std::string> addresses;
  for (const auto &[i, argument] : llvm::enumerate(launch.arguments)) {
    std::string name = "argument" + std::to_string(i);
    addresses.push_back("&" + name);
    if (const auto *buffer = std::get_if<Plan::BufferArgument>(&argument)) {
      std::string offset = valueOf(buffer->offsetBytes, launch.kernel, computed);
      os << "      const void *" << name << " = " << identifiers[buffer->name] << ";\n";
      if (offset != "0")
        os << "      " << name << " = static_cast<const char *>(" << name << ") + " << offset
           << ";\n";
    } else if (const auto *scalar = std::get_if<Plan::ScalarArgument>(&argument)) {
      bool isHalf = scalar->type == DataType::f16 || scalar->type == DataType::bf16;
      if (isHalf && problem.empty())
        problem =
            "expected no 16-bit floating-point argument for a header, got one of " + launch.kernel;
      StringRef type = elementType(scalar->type);
      os << "      " << type << " " << name << " = ";
      if (const auto *number = std::get_if<double>(&scalar->value))
        os << llvm::formatv("static_cast<{0}>({1:E16})", type, *number);
      else
        os << valueOf(std::get<Expression>(scalar->value), launch.kernel, computed, type);
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
  std::optional<int64_t> when = launch.when ? launch.when->constant() : 1;
  if (launch.when && !when && !isDynamic())
    when = constant(*launch.when, launch.kernel);
  if (when == 0)
    return;
  llvm::SmallVector<std::string> computed;
  std::string declarations;
  llvm::raw_string_ostream declared(declarations);
  std::string addresses = declareArguments(launch, computed, declared);
  std::string dimensions;
  for (llvm::ArrayRef<Expression> sizes :
       {llvm::ArrayRef(launch.grid), llvm::ArrayRef(launch.block)})
    for (const Expression &size : sizes)
      dimensions += ", " + valueOf(size, launch.kernel, computed, "unsigned");

  os << "    " << (when ? "" : "if (" + sizeOf(*launch.when, launch.kernel) + ") ") << "{ // "
     << inOneLine(launch.op) << (launch.op.empty() ? "" : " at ") << inOneLine(launch.location)
     << "\n";
  if (!computed.empty())
    os << "      const Size sizes[] = {" << llvm::join(computed, ", ") << "};\n"
       << "      for (const Size &size : sizes)\n"
       << "        if (!size.isCount())\n"
       << "          return errorSizes;\n";
  os << declarations << "      void *arguments[] = {" << addresses
     << (addresses.empty() ? "nullptr" : "") << "};\n"
     << "      if (int error = driver." << (launch.programmatic ? "launchProgrammatic" : "launch")
     << "(functions[" << index << "]" << dimensions << ", "
     << constant(launch.dynamicSharedBytes, launch.kernel) << ", stream, arguments, nullptr))\n"
     << "        return error;\n"
     << "    }\n";
}

/// What the sizes of a program that takes any must be.
void HeaderWriter::writeCheckSizes() {
  os << "  /// Whether the program takes these sizes: 0 or an error.\n"
     << "  static int checkSizes(" << StringRef(listDims("Size ")).drop_back(2) << ") {\n";
  auto require = [&](const std::string &condition) {
    os << "    if (!(" << condition << "))\n      return errorSizes;\n";
  };
  for (StringRef name : dimOrder) {
    const Plan::Dim &dim = plan.dims.at(name.str());
    require(dims.lookup(name) + " >= Size(" + std::to_string(dim.min.value_or(0)) + ")");
    if (dim.max)
      require(dims.lookup(name) + " <= Size(" + std::to_string(*dim.max) + ")");
  }
  for (const Expression &guard : plan.guards)
    require(sizeOf(guard, "a guard"));
  os << "    return 0;\n  }\n\n";
}

/// Finds the places of temporaries in the workspace.
void HeaderWriter::writeTemporaries() {
  uint64_t offset = 0;
  if (isDynamic())
    os << "    [[maybe_unused]] Size workspaceSize = 0;\n";
  for (const Plan::Temporary &temporary : plan.temporaries) {
    std::string name = identifiers[temporary.name], bytes = bytesOf(temporary);
    os << "    [[maybe_unused]] void *" << name << " = static_cast<char *>(workspace) + "
       << (isDynamic() ? "workspaceSize.value" : std::to_string(offset)) << ";\n";
    if (isDynamic()) {
      std::string size = identifiers.makeNew(temporary.name + "Size");
      os << "    const Size " << size << " = " << bytes << ";\n"
         << "    workspaceSize = workspaceSize + ceildiv(" << size << ", Size("
         << workspaceAlignment << ")) * Size(" << workspaceAlignment << ");\n"
         << "    if (!workspaceSize.isCount())\n      return errorSizes;\n";
      bytes = "static_cast<std::size_t>(" + size + ".value)";
    } else {
      uint64_t number = 0;
      (void)StringRef(bytes).getAsInteger(10, number);
      offset += llvm::alignTo(number, workspaceAlignment);
    }
    if (temporary.init == Plan::Init::zero)
      os << "    if (int error = driver.setBytes(reinterpret_cast<std::uint64_t>(" << name
         << "), 0, " << bytes << ", stream))\n      return error;\n";
  }
}

void HeaderWriter::writeWorkspaceBytes() {
  os << "  /// Bytes of device memory that `launch` takes as workspace, aligned to "
     << workspaceAlignment;
  if (isDynamic()) {
    os << "; of sizes that\n  /// it does not take, 0.\n"
       << "  static std::size_t workspaceBytes("
       << StringRef(listDims("[[maybe_unused]] Size ")).drop_back(2) << ") {\n"
       << "    Size bytes = 0;\n";
    for (const Plan::Temporary &temporary : plan.temporaries)
      os << "    bytes = bytes + ceildiv(" << bytesOf(temporary) << ", Size(" << workspaceAlignment
         << ")) * Size(" << workspaceAlignment << ");\n";
    os << "    return bytes.isCount() ? static_cast<std::size_t>(bytes.value) : 0;\n  }\n\n";
    return;
  }
  uint64_t sum = 0;
  for (const Plan::Temporary &temporary : plan.temporaries) {
    uint64_t number = 0;
    (void)StringRef(bytesOf(temporary)).getAsInteger(10, number);
    sum += llvm::alignTo(number, workspaceAlignment);
  }
  os << ".\n  static constexpr std::size_t workspaceBytes = " << sum << ";\n\n";
}

void HeaderWriter::writeLaunchFunction() {
  os << "  /// Begins the work on `stream` and returns.\n";
  for (const Plan::Argument &argument : plan.arguments)
    os << "  /// `" << identifiers[argument.name] << "`: " << shapeOf(argument.type, argument.shape)
       << ", " << (argument.role == Plan::Role::input ? "read" : "written") << ".\n";
  os << "  int launch(";
  for (const Plan::Argument &argument : plan.arguments)
    os << (argument.role == Plan::Role::input ? "const " : "") << elementType(argument.type) << " *"
       << identifiers[argument.name] << ", ";
  os << listDims("Size ") << "void *workspace = nullptr, void *stream = nullptr) const {\n"
     << "    [[maybe_unused]] const Driver &driver = Driver::get();\n"
     << "    if (!module)\n"
     << "      return errorNoDriver;\n";
  if (isDynamic())
    os << "    if (int error = checkSizes(" << StringRef(listDims("")).drop_back(2)
       << "))\n      return error;\n";
  for (const Plan::Argument &argument : plan.arguments)
    os << "    if (!isAligned(" << identifiers[argument.name] << ", "
       << std::max<int64_t>(argument.alignment, sizeInBytes(argument.type)) << "))\n"
       << "      return errorMisaligned;\n";
  os << "    if (!isAligned(workspace, " << workspaceAlignment << "))\n"
     << "      return errorMisaligned;\n";
  writeTemporaries();
  for (size_t i = 0; i < plan.launches.size(); ++i)
    writeLaunch(i);
  os << "    return 0;\n  }\n\n";
  writeWorkspaceBytes();
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
  if (isDynamic())
    writeCheckSizes();
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
