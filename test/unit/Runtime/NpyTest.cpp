#include "poolc/Runtime/Npy.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

using namespace poolc;
using testing::ElementsAre;
using testing::HasSubstr;

/// A version 1 file with this header, unpadded, and this data.
static std::string file(llvm::StringRef header, llvm::StringRef data) {
  std::string text("\x93NUMPY\x01\x00", 8);
  text += static_cast<char>(header.size());
  text += '\0';
  return text + header.str() + data.str();
}

static llvm::Expected<NpyArray> parse(llvm::StringRef bytes) {
  return NpyArray::parse(llvm::MemoryBuffer::getMemBufferCopy(bytes));
}

static std::string errorOf(llvm::StringRef bytes) {
  llvm::Expected<NpyArray> array = parse(bytes);
  return array ? "" : llvm::toString(array.takeError());
}

TEST(Npy, WhatNumPyWrites) {
  // np.save of np.array([[1, 2], [3, 4]], np.uint8)
  std::string text =
      file("{'descr': '|u1', 'fortran_order': False, 'shape': (2, 2), }   \n", "\1\2\3\4");
  NpyArray array = llvm::cantFail(parse(text));
  EXPECT_EQ(array.type, DataType::u8);
  EXPECT_THAT(array.shape, ElementsAre(2, 2));
  EXPECT_THAT(array.data, ElementsAre(1, 2, 3, 4));
}

TEST(Npy, LaterVersionsHaveLongerLengths) {
  std::string header = "{'shape': (), 'fortran_order': False, 'descr': '<i2'}";
  for (char version : {2, 3}) {
    std::string text("\x93NUMPY", 6);
    text += version;
    text += std::string("\0", 1) + char(header.size()) + std::string("\0\0\0", 3) + header;
    NpyArray array = llvm::cantFail(parse(text + std::string("\5\0", 2)));
    EXPECT_TRUE(array.shape.empty());
    EXPECT_EQ(array.data[0], 5);
  }
}

TEST(Npy, EveryTypeIsReadBackAsItIsWritten) {
  for (unsigned i = 0; i != 12; ++i) {
    auto type = static_cast<DataType>(i);
    for (std::vector<int64_t> shape : {std::vector<int64_t>{}, {3}, {2, 5}, {4, 0}, {1, 2, 3}}) {
      std::string text;
      llvm::raw_string_ostream os(text);
      writeNpyHeader(os, type, shape);
      EXPECT_EQ(text.size() % 64, 0u);
      EXPECT_EQ(text.back(), '\n');
      int64_t elements = 1;
      for (int64_t size : shape)
        elements *= size;
      text += std::string(elements * sizeInBytes(type), 'x');
      llvm::Expected<NpyArray> array = parse(text);
      ASSERT_TRUE(!!array) << llvm::toString(array.takeError());
      EXPECT_EQ(array->type, type);
      EXPECT_EQ(array->shape, shape);
    }
  }
}

TEST(Npy, BFloat16IsVoid) {
  std::string text;
  llvm::raw_string_ostream os(text);
  writeNpyHeader(os, DataType::bf16, {1});
  EXPECT_THAT(text, HasSubstr("'descr': '<V2'"));
  for (llvm::StringRef descr : {"<V2", "|V2"}) {
    NpyArray array = llvm::cantFail(parse(
        file(("{'descr': '" + descr + "', 'fortran_order': False, 'shape': (1,)}").str(), "ab")));
    EXPECT_EQ(array.type, DataType::bf16);
  }
}

TEST(Npy, FortranOrderIsTransposed) {
  NpyArray array = llvm::cantFail(
      parse(file("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 3), }", "\1\4\2\5\3\6")));
  EXPECT_THAT(array.data, ElementsAre(1, 2, 3, 4, 5, 6));
  array = llvm::cantFail(parse(
      file("{'descr': '|u1', 'fortran_order': True, 'shape': (2, 2, 2)}", "\1\5\3\7\2\6\4\x08")));
  EXPECT_THAT(array.data, ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
}

TEST(Npy, BigEndianIsSwapped) {
  NpyArray array = llvm::cantFail(
      parse(file("{'descr': '>u2', 'fortran_order': False, 'shape': (2,)}", "\1\2\3\4")));
  EXPECT_THAT(array.data, ElementsAre(2, 1, 4, 3));
}

TEST(Npy, Errors) {
  EXPECT_EQ(errorOf(""), "expected a .npy file, got an empty one");
  EXPECT_EQ(errorOf("hello world"), "expected a .npy file, got something else");
  EXPECT_EQ(errorOf(llvm::StringRef("\x93NUMPY\x04\x00", 8)),
            "expected .npy version 1, 2 or 3, got 4");
  EXPECT_EQ(errorOf(llvm::StringRef("\x93NUMPY\x01\x00\x05", 9)),
            "expected a header, got the end of the file");
  EXPECT_EQ(errorOf(llvm::StringRef("\x93NUMPY\x01\x00\x05\x00"
                                    "ab",
                                    12)),
            "expected a header of 5 bytes, got 2");
  auto header = [](llvm::StringRef text) { return errorOf(file(text, "")); };
  EXPECT_EQ(header("x"), "expected '{' in the header, got 'x'");
  EXPECT_EQ(header("{}"), "expected the keys descr, fortran_order and shape in the header");
  EXPECT_EQ(header("{'descr'}"), "expected ':' in the header, got '}'");
  EXPECT_EQ(header("{'descr': 3}"), "expected a string in the header, got '3}'");
  EXPECT_EQ(header("{'color': 3}"), "unexpected key 'color' in the header");
  EXPECT_EQ(header("{'fortran_order': 1}"), "expected True or False in the header, got '1}'");
  EXPECT_EQ(header("{'shape': 1}"), "expected '(' in the header, got '1}'");
  EXPECT_EQ(header("{'shape': (-1)}"), "expected a size in the header, got '-1)}'");
  EXPECT_EQ(header("{'shape': (1 2)}"), "expected ',' or ')' in the header, got '2)}'");
  EXPECT_EQ(header("{'shape': () 'descr'"), "expected ',' or '}' in the header, got ''descr''");
  EXPECT_EQ(header("{'shape': ()} x"), "expected the end in the header, got 'x'");
  auto of = [](llvm::StringRef descr, llvm::StringRef shape, llvm::StringRef data) {
    return errorOf(
        file(("{'descr': '" + descr + "', 'fortran_order': False, 'shape': " + shape + "}").str(),
             data));
  };
  EXPECT_THAT(of("<c8", "()", ""), HasSubstr("got '<c8'"));
  EXPECT_THAT(of("f4", "()", ""), HasSubstr("got 'f4'"));
  EXPECT_EQ(of("<f4", "(2,)", "1234567"), "expected 8 bytes of data, as the header says, got 7");
  EXPECT_EQ(of("<f4", "(1,)", "12345"), "expected 4 bytes of data, as the header says, got 5");
  EXPECT_EQ(of("<f4", "(4294967296, 4294967296)", ""),
            "expected more than 2^63 bytes of data, as the header says, got 0");
}

TEST(Npy, EveryPrefixIsAnError) {
  std::string text = file("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2)}", "12345678");
  ASSERT_EQ(errorOf(text), "");
  for (size_t length = 0; length != text.size(); ++length)
    EXPECT_NE(errorOf(llvm::StringRef(text).take_front(length)), "") << length;
}

TEST(Npy, NoByteOfTheHeaderCrashesIt) {
  std::string text = file("{'descr': '<f4', 'fortran_order': True, 'shape': (1, 2)}", "12345678");
  for (size_t i = 0; i != text.size(); ++i)
    for (unsigned value = 0; value != 256; ++value) {
      std::string changed = text;
      changed[i] = static_cast<char>(value);
      (void)errorOf(changed);
    }
}
