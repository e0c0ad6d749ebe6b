//===- Npy.cpp - NumPy's file format --------------------------------------===//
//
// "\x93NUMPY", major and minor version, length of the header (2 bytes in
// version 1, else 4), the header (a Python dictionary), the data.
//
//===----------------------------------------------------------------------===//

#include "poolc/Runtime/Npy.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/CheckedArithmetic.h"
#include "llvm/Support/Endian.h"
#include "llvm/Support/MathExtras.h"

using namespace poolc;

static constexpr llvm::StringLiteral magic = "\x93NUMPY";

namespace {

struct Header {
  std::string descr;
  std::optional<bool> fortranOrder;
  std::optional<std::vector<int64_t>> shape;
};

/// Reads {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
class HeaderParser {
public:
  explicit HeaderParser(llvm::StringRef text) : text(text) {}

  llvm::Expected<Header> parse() {
    if (!consume("{"))
      return fail("'{'");
    while (!consume("}")) {
      if (llvm::Error error = entry())
        return std::move(error);
      if (!consume(",") && !text.starts_with("}"))
        return fail("',' or '}'");
    }
    if (!text.trim().empty())
      return fail("the end");
    if (header.descr.empty() || !header.fortranOrder || !header.shape)
      return llvm::createStringError(
          "expected the keys descr, fortran_order and shape in the header");
    return std::move(header);
  }

private:
  llvm::Error fail(llvm::StringRef what) {
    std::string got;
    llvm::raw_string_ostream os(got);
    llvm::printEscapedString(text.take_front(16), os);
    return llvm::createStringError("expected " + what + " in the header, got '" + got + "'");
  }

  bool consume(llvm::StringRef token) {
    text = text.ltrim();
    bool found = text.consume_front(token);
    text = text.ltrim();
    return found;
  }

  llvm::Expected<std::string> string() {
    char quote = text.empty() ? 0 : text.front();
    size_t end = text.find(quote, 1);
    if ((quote != '\'' && quote != '"') || end == llvm::StringRef::npos)
      return fail("a string");
    std::string result = text.slice(1, end).str();
    text = text.drop_front(end + 1);
    return result;
  }

  llvm::Error entry() {
    llvm::Expected<std::string> key = string();
    if (!key)
      return key.takeError();
    if (!consume(":"))
      return fail("':'");
    if (*key == "descr")
      return string().moveInto(header.descr);
    if (*key == "shape")
      return shape();
    if (*key != "fortran_order")
      return llvm::createStringError("unexpected key '" + *key + "' in the header");
    if (consume("False"))
      header.fortranOrder = false;
    else if (consume("True"))
      header.fortranOrder = true;
    else
      return fail("True or False");
    return llvm::Error::success();
  }

  llvm::Error shape() {
    if (!consume("("))
      return fail("'('");
    std::vector<int64_t> &sizes = header.shape.emplace();
    while (!consume(")")) {
      int64_t size;
      if (text.empty() || !llvm::isDigit(text.front()) || text.consumeInteger(10, size))
        return fail("a size");
      sizes.push_back(size);
      if (!consume(",") && !text.starts_with(")"))
        return fail("',' or ')'");
    }
    return llvm::Error::success();
  }

  llvm::StringRef text;
  Header header;
};

} // namespace

/// The type of a descr without its byte order.
static std::optional<DataType> typeOf(llvm::StringRef name) {
  return llvm::StringSwitch<std::optional<DataType>>(name)
      .Case("f8", DataType::f64)
      .Case("f4", DataType::f32)
      .Case("f2", DataType::f16)
      .Case("V2", DataType::bf16)
      .Case("i1", DataType::i8)
      .Case("i2", DataType::i16)
      .Case("i4", DataType::i32)
      .Case("i8", DataType::i64)
      .Cases({"u1", "b1"}, DataType::u8)
      .Case("u2", DataType::u16)
      .Case("u4", DataType::u32)
      .Case("u8", DataType::u64)
      .Default(std::nullopt);
}

static std::string descrOf(DataType type) {
  if (type == DataType::bf16)
    return "<V2";
  char kind = isFloat(type) ? 'f' : toString(type).front();
  return (sizeInBytes(type) == 1 ? "|" : "<") + std::string(1, kind) +
         std::to_string(sizeInBytes(type));
}

/// Copies the data with the last axis fastest and the lowest byte first.
static void reorder(NpyArray &array, bool fortranOrder, bool bigEndian) {
  unsigned size = sizeInBytes(array.type);
  std::vector<uint8_t> result(array.data.size());
  // In column-major order the strides grow with the axis.
  std::vector<size_t> stride(array.shape.size());
  size_t elements = 1;
  for (auto [axis, extent] : llvm::enumerate(array.shape)) {
    stride[axis] = elements;
    elements *= extent;
  }
  for (size_t i = 0; i != elements; ++i) {
    size_t from = i;
    if (fortranOrder) {
      from = 0;
      size_t rest = i;
      for (size_t axis = array.shape.size(); axis-- != 0; rest /= array.shape[axis])
        from += rest % array.shape[axis] * stride[axis];
    }
    llvm::ArrayRef<uint8_t> element = array.data.slice(from * size, size);
    if (bigEndian)
      llvm::copy(llvm::reverse(element), result.begin() + i * size);
    else
      llvm::copy(element, result.begin() + i * size);
  }
  array.reordered = std::move(result);
  array.data = array.reordered;
}

/// Splits a file into header text and data.
static llvm::Error split(llvm::StringRef bytes, llvm::StringRef &header, llvm::StringRef &data) {
  if (bytes.empty())
    return llvm::createStringError("expected a .npy file, got an empty one");
  if (!bytes.starts_with(magic) || bytes.size() < magic.size() + 2)
    return llvm::createStringError("expected a .npy file, got something else");
  unsigned major = static_cast<uint8_t>(bytes[magic.size()]);
  if (major < 1 || major > 3)
    return llvm::createStringError("expected .npy version 1, 2 or 3, got " + llvm::Twine(major));
  size_t lengthSize = major == 1 ? 2 : 4;
  llvm::StringRef rest = bytes.drop_front(magic.size() + 2);
  if (rest.size() < lengthSize)
    return llvm::createStringError("expected a header, got the end of the file");
  size_t length = lengthSize == 2 ? llvm::support::endian::read16le(rest.data())
                                  : llvm::support::endian::read32le(rest.data());
  rest = rest.drop_front(lengthSize);
  if (rest.size() < length)
    return llvm::createStringError("expected a header of " + llvm::Twine(length) + " bytes, got " +
                                   llvm::Twine(rest.size()));
  header = rest.take_front(length);
  data = rest.drop_front(length);
  return llvm::Error::success();
}

llvm::Expected<NpyArray> NpyArray::parse(std::unique_ptr<llvm::MemoryBuffer> file) {
  llvm::StringRef headerText, data;
  if (llvm::Error error = split(file->getBuffer(), headerText, data))
    return error;
  llvm::Expected<Header> header = HeaderParser(headerText).parse();
  if (!header)
    return header.takeError();

  llvm::StringRef descr = header->descr;
  bool bigEndian = descr.starts_with(">");
  std::optional<DataType> type;
  if (descr.starts_with("<") || descr.starts_with("|") || bigEndian)
    type = typeOf(descr.drop_front());
  if (!type)
    return llvm::createStringError("expected elements of type f8 f4 f2 V2 (bfloat16) i1 i2 i4 i8 "
                                   "u1 u2 u4 u8, got '" +
                                   descr + "'");

  NpyArray array;
  array.type = *type;
  array.shape = std::move(*header->shape);
  std::optional<int64_t> bytes = sizeInBytes(*type);
  for (int64_t size : array.shape)
    bytes = bytes ? llvm::checkedMul(*bytes, size) : std::nullopt;
  if (!bytes || static_cast<uint64_t>(*bytes) != data.size())
    return llvm::createStringError(
        "expected " + (bytes ? llvm::Twine(*bytes).str() : "more than 2^63") +
        " bytes of data, as the header says, got " + llvm::Twine(data.size()));
  array.data = llvm::arrayRefFromStringRef(data);
  array.file = std::move(file);
  bool fortranOrder = *header->fortranOrder && array.shape.size() > 1;
  if (fortranOrder || (bigEndian && sizeInBytes(*type) > 1))
    reorder(array, fortranOrder, bigEndian);
  return std::move(array);
}

void poolc::writeNpyHeader(llvm::raw_ostream &os, DataType type, llvm::ArrayRef<int64_t> shape) {
  std::string header = "{'descr': '" + descrOf(type) + "', 'fortran_order': False, 'shape': (";
  for (int64_t size : shape)
    header += std::to_string(size) + (shape.size() == 1 ? "," : ", ");
  if (shape.size() > 1)
    header.resize(header.size() - 2);
  header += "), }";
  // The data starts at a multiple of 64 bytes; the header ends in a line break.
  size_t before = magic.size() + 4;
  header.resize(llvm::alignTo(before + header.size() + 1, 64) - before - 1, ' ');
  header += '\n';
  char length[2];
  llvm::support::endian::write16le(length, header.size());
  os << magic << '\1' << '\0' << llvm::StringRef(length, 2) << header;
}
