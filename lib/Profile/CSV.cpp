//===- CSV.cpp - Profiles as Nsight Compute's CSV -------------------------===//

#include "CSV.h"
#include "MetricNames.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/StringMap.h"

using namespace poolc;
using llvm::StringRef;

/// The cells of one line; quotes are taken off and "" inside them is one quote.
static std::vector<std::string> splitLine(StringRef line) {
  std::vector<std::string> cells(1);
  bool quoted = false;
  for (size_t i = 0; i < line.size(); ++i) {
    char c = line[i];
    if (c == '"' && quoted && i + 1 < line.size() && line[i + 1] == '"') {
      cells.back().push_back('"');
      ++i;
    } else if (c == '"') {
      quoted = !quoted;
    } else if (c == ',' && !quoted) {
      cells.emplace_back();
    } else {
      cells.back().push_back(c);
    }
  }
  return cells;
}

/// What one of the unit is in bytes, nanoseconds or itself.
static double scaleOf(StringRef unit) {
  static const llvm::StringMap<double> scales = {
      {"Kbyte", 1e3},   {"Mbyte", 1e6},   {"Gbyte", 1e9},      {"Tbyte", 1e12},
      {"usecond", 1e3}, {"msecond", 1e6}, {"second", 1e9},     {"us", 1e3},
      {"ms", 1e6},      {"s", 1e9},       {"Kbyte/block", 1e3}};
  auto entry = scales.find(unit);
  return entry == scales.end() ? 1 : entry->second;
}

/// "1,234.5"; nothing for what is not a number.
static std::optional<double> parseNumber(StringRef text) {
  std::string digits;
  for (char c : text.trim())
    if (c != ',')
      digits.push_back(c);
  double value;
  if (digits.empty() || StringRef(digits).getAsDouble(value))
    return std::nullopt;
  return value;
}

/// Blocks or threads of "(186, 2, 1024)".
static std::optional<double> parseExtents(StringRef text) {
  double product = 1;
  llvm::SmallVector<StringRef, 3> sizes;
  text.trim().trim("()").split(sizes, ',');
  for (StringRef size : sizes) {
    double value;
    if (size.trim().getAsDouble(value))
      return std::nullopt;
    product *= value;
  }
  return product;
}

namespace {
class CSVParser {
public:
  explicit CSVParser(StringRef text) { text.split(lines, '\n'); }

  llvm::Expected<std::vector<KernelMetrics>> parse();

private:
  llvm::Error findHeader();
  llvm::Error readLine(StringRef line);
  std::optional<size_t> column(StringRef name) const {
    auto found = llvm::find(header, name);
    return found == header.end() ? std::nullopt : std::optional<size_t>(found - header.begin());
  }
  KernelMetrics &kernelOf(const std::vector<std::string> &cells);
  void readMetricColumns(const std::vector<std::string> &cells, KernelMetrics &kernel) const;

  llvm::SmallVector<StringRef> lines;
  size_t line = 0;
  std::vector<std::string> header, units;
  /// By the profiler's number of the launch.
  std::vector<std::pair<std::string, KernelMetrics>> launches;
};
} // namespace

llvm::Error CSVParser::findHeader() {
  for (; line < lines.size(); ++line) {
    header = splitLine(lines[line].rtrim("\r"));
    if (column("Kernel Name") && column("ID")) {
      ++line;
      return llvm::Error::success();
    }
  }
  return llvm::createStringError(
      "expected JSON, or CSV of Nsight Compute with the columns ID and Kernel Name");
}

KernelMetrics &CSVParser::kernelOf(const std::vector<std::string> &cells) {
  const std::string &id = cells[*column("ID")];
  for (auto &[known, kernel] : launches)
    if (known == id)
      return kernel;
  // A signature may follow the name.
  StringRef name = StringRef(cells[*column("Kernel Name")]).split('(').first.trim();
  name.consume_front("void ");
  size_t same = llvm::count_if(launches, [&](const auto &launch) {
    return StringRef(launch.second.kernel).split('#').first == name;
  });
  KernelMetrics kernel;
  kernel.kernel = name.str() + (same ? "#" + std::to_string(same + 1) : "");
  for (auto [title, metric] : {std::pair<StringRef, StringRef>{"Grid Size", metric::gridSize},
                               {"Block Size", metric::blockSize}})
    if (std::optional<size_t> at = column(title))
      if (std::optional<double> extents = parseExtents(cells[*at]))
        kernel.values[metric.str()] = *extents;
  launches.emplace_back(id, std::move(kernel));
  return launches.back().second;
}

void CSVParser::readMetricColumns(const std::vector<std::string> &cells,
                                  KernelMetrics &kernel) const {
  for (size_t i = 0; i < header.size(); ++i) {
    // Metrics have lower-case names; the other columns are titles.
    if (!StringRef(header[i]).contains("__"))
      continue;
    if (std::optional<double> value = parseNumber(cells[i]))
      kernel.values[header[i]] = *value * (i < units.size() ? scaleOf(units[i]) : 1);
  }
}

llvm::Error CSVParser::readLine(StringRef text) {
  std::vector<std::string> cells = splitLine(text);
  if (cells.size() != header.size())
    return llvm::createStringError("line " + llvm::Twine(line + 1) + ": expected " +
                                   llvm::Twine(header.size()) + " cells, as in the header, got " +
                                   llvm::Twine(cells.size()));
  if (cells[*column("ID")].empty()) {
    units = std::move(cells);
    return llvm::Error::success();
  }
  KernelMetrics &kernel = kernelOf(cells);
  std::optional<size_t> name = column("Metric Name"), value = column("Metric Value");
  if (!name || !value) {
    readMetricColumns(cells, kernel);
    return llvm::Error::success();
  }
  std::optional<size_t> unit = column("Metric Unit");
  if (std::optional<double> number = parseNumber(cells[*value]))
    kernel.values[cells[*name]] = *number * (unit ? scaleOf(cells[*unit]) : 1);
  return llvm::Error::success();
}

llvm::Expected<std::vector<KernelMetrics>> CSVParser::parse() {
  if (llvm::Error error = findHeader())
    return std::move(error);
  for (; line < lines.size(); ++line) {
    StringRef text = lines[line].rtrim("\r");
    if (text.trim().empty() || text.starts_with("=="))
      continue;
    if (llvm::Error error = readLine(text))
      return std::move(error);
  }
  std::vector<KernelMetrics> profile;
  for (auto &[id, kernel] : launches)
    profile.push_back(std::move(kernel));
  return profile;
}

llvm::Expected<std::vector<KernelMetrics>> poolc::parseProfileCSV(StringRef text) {
  return CSVParser(text).parse();
}
