#include "poolc/Support/ToolSupport.h"

#include "llvm/ADT/SmallString.h"
#include "llvm/Support/FileSystem.h"
#include "llvm/Support/Path.h"

#include "gtest/gtest.h"

using namespace poolc;
namespace fs = llvm::sys::fs;

namespace {

/// A directory of its own for each test.
class Files : public testing::Test {
protected:
  void SetUp() override { ASSERT_FALSE(fs::createUniqueDirectory("poolc-files", directory)); }
  void TearDown() override { fs::remove_directories(directory); }

  std::string path(llvm::StringRef name) const {
    llvm::SmallString<128> result(directory);
    llvm::sys::path::append(result, name);
    return result.str().str();
  }

  size_t fileCount() const {
    size_t count = 0;
    std::error_code code;
    for (fs::directory_iterator it(directory, code), end; it != end && !code; it.increment(code))
      ++count;
    return count;
  }

  static std::string contents(llvm::StringRef path) {
    auto buffer = readInput(path);
    return buffer ? (*buffer)->getBuffer().str() : llvm::toString(buffer.takeError());
  }

  llvm::SmallString<128> directory;
};

} // namespace

TEST_F(Files, AreWrittenWhole) {
  llvm::cantFail(writeOutput(path("a"), "one"));
  EXPECT_EQ(contents(path("a")), "one");
  llvm::cantFail(writeOutput(path("a"), "two"));
  EXPECT_EQ(contents(path("a")), "two");
  EXPECT_EQ(fileCount(), 1u);
}

TEST_F(Files, AreLeftAloneByAnError) {
  llvm::cantFail(writeOutput(path("a"), "one"));
  for (llvm::StringRef name : {"a", "b"}) {
    llvm::Error error = writeOutput(path(name), [](llvm::raw_ostream &os) {
      os << "half";
      return llvm::createStringError("stop");
    });
    EXPECT_EQ(llvm::toString(std::move(error)), "stop");
  }
  EXPECT_EQ(contents(path("a")), "one");
  EXPECT_EQ(fileCount(), 1u);
}

TEST_F(Files, BehindLinksAreReplaced) {
  llvm::cantFail(writeOutput(path("a"), "one"));
  ASSERT_FALSE(fs::create_link(path("a"), path("link")));
  llvm::cantFail(writeOutput(path("link"), "two"));
  EXPECT_EQ(contents(path("a")), "two");
  EXPECT_TRUE(fs::is_symlink_file(path("link")));
}

TEST_F(Files, Errors) {
  EXPECT_EQ(contents(path("none")),
            "cannot read '" + path("none") + "': no such file or directory");
  EXPECT_EQ(llvm::toString(writeOutput(path("none/a"), "one")),
            "cannot write '" + path("none/a") + "': no such file or directory");
  EXPECT_EQ(llvm::toString(writeOutput(directory, "one")),
            "cannot write '" + directory.str().str() + "': is a directory");
  EXPECT_EQ(llvm::toString(writeOutput("/dev/full", "one")),
            "cannot write '/dev/full': no space left on device");
  llvm::cantFail(writeOutput("/dev/null", "one"));
}

static std::string reported(llvm::Error error, int exitCode) {
  testing::internal::CaptureStderr();
  EXPECT_EQ(reportError("tool", std::move(error)), exitCode);
  return testing::internal::GetCapturedStderr();
}

TEST(ReportError, NamesTheTool) {
  EXPECT_EQ(reported(llvm::createStringError("no luck"), exitWrongInput), "tool: error: no luck\n");
  EXPECT_EQ(reported(usageError("no flag"), exitWrongUsage), "tool: error: no flag\n");
}

TEST(ReportError, KeepsLocations) {
  for (llvm::StringRef text : {"a.ptx:3: error: no luck\n", "a.mlir:3:14: error: no luck\n  x\n"})
    EXPECT_EQ(reported(llvm::createStringError(text), exitWrongInput), text);
  EXPECT_EQ(reported(llvm::createStringError("in a.b: error: no luck"), exitWrongInput),
            "tool: error: in a.b: error: no luck\n");
}

TEST(ReportError, ReportsEach) {
  EXPECT_EQ(
      reported(llvm::joinErrors(llvm::createStringError("one"), usageError("two")), exitWrongUsage),
      "tool: error: one\ntool: error: two\n");
}
