//===- Reports.cpp - What the sanitizers found in a launch ----------------===//

#include "Reports.h"

#include "llvm/ADT/StringSwitch.h"
#include "llvm/Support/FormatVariadic.h"

using namespace poolc::vgpu;

llvm::StringRef poolc::vgpu::toString(Sanitizer sanitizer) {
  switch (sanitizer) {
  case Sanitizer::memory:
    return "memory";
  case Sanitizer::init:
    return "init";
  case Sanitizer::race:
    return "race";
  case Sanitizer::sync:
    return "sync";
  }
  return "";
}

std::optional<Sanitizer> poolc::vgpu::parseSanitizer(llvm::StringRef name) {
  for (Sanitizer sanitizer : allSanitizers)
    if (name == toString(sanitizer))
      return sanitizer;
  return std::nullopt;
}

/// The line of the source that the instruction comes from, where it is known.
static std::string noteSource(const Block &block, const Op &op) {
  std::string source = block.sourceOf(op);
  if (source.empty())
    return "";
  return llvm::formatv("\n{0}: note: line {1} was compiled from here", source, op.line);
}

void Reports::add(const Warp &warp, unsigned lane, const Finding &finding, Describe text) {
  const Block &block = *warp.block;
  const Program &program = block.program;
  std::lock_guard<std::mutex> guard(lock);
  auto number = uint32_t(&finding.op - program.ops.data());
  Key key{number, finding.sanitizer, finding.kind, finding.subject};
  auto [it, isNew] = entries.try_emplace(key);
  Entry &entry = it->second;
  ++entry.report.count;
  std::pair<uint64_t, unsigned> place(block.number, warp.index * warpSize + lane);
  if (!isNew && place >= entry.first)
    return;
  entry.first = place;
  entry.report.sanitizer = finding.sanitizer;
  entry.report.line = finding.op.line;
  entry.report.text =
      llvm::formatv("{0}:{1}: error: {2}: {3}: {4}", program.file, finding.op.line,
                    toString(finding.sanitizer), block.fullName(warp, lane), text());
  entry.notes = noteSource(block, finding.op);
  if (finding.other == none)
    return;
  const Op &other = program.ops[finding.other];
  entry.notes += llvm::formatv("\n{0}:{1}: note: {2}", program.file, other.line, finding.otherText);
  entry.notes += noteSource(block, other);
}

void Reports::addFault(const Block::Fault &fault) {
  last.emplace();
  last->line = fault.op->line;
  last->text = fault.prefix;
  if (fault.sanitizer && active.contains(*fault.sanitizer)) {
    last->sanitizer = fault.sanitizer;
    last->text += toString(*fault.sanitizer).str() + ": ";
  }
  last->text += fault.message;
  last->count = 1;
}

std::vector<Report> Reports::take() {
  std::vector<Report> reports;
  for (auto &[key, entry] : entries) {
    Report &report = reports.emplace_back(std::move(entry.report));
    if (report.count > 1)
      report.text += llvm::formatv(" ({0} times in all)", report.count);
    report.text += entry.notes;
  }
  llvm::sort(reports, [](const Report &a, const Report &b) {
    return std::tie(a.line, a.text) < std::tie(b.line, b.text);
  });
  if (last)
    reports.push_back(std::move(*last));
  return reports;
}
