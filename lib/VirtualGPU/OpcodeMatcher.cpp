//===- OpcodeMatcher.cpp - Opcodes against the instruction table ----------===//

#include "InstructionTable.h"

#include "poolc/VirtualGPU/VirtualGPU.h"

#include "llvm/ADT/STLExtras.h"
#include "llvm/ADT/StringMap.h"
#include "llvm/Support/raw_ostream.h"

using namespace poolc::vgpu;

namespace {
/// One place of a form: a modifier of which one must, or may, stand there.
struct Place {
  llvm::SmallVector<llvm::StringRef, 8> alternatives;
  bool isOptional;
};
struct Form {
  const Rule *rule;
  llvm::SmallVector<Place, 8> places;
};
using Forms = llvm::StringMap<std::vector<Form>>;
} // namespace

static void addAlternatives(Place &place, llvm::StringRef text) {
  llvm::SmallVector<llvm::StringRef> parts;
  text.split(parts, '|');
  for (llvm::StringRef part : parts) {
    part.consume_front(".");
    place.alternatives.push_back(part);
  }
}

/// Reads Rule::form.
static void addForm(Forms &forms, const Rule &rule) {
  llvm::StringRef rest = rule.form;
  llvm::StringRef mnemonic = rest.take_front(rest.find_first_of(".{("));
  rest = rest.drop_front(mnemonic.size());
  Form form{&rule, {}};
  while (!rest.empty()) {
    Place place{{}, rest.front() == '{'};
    if (rest.front() == '.') {
      size_t end = std::min(rest.find_first_of(".{(", 1), rest.size());
      addAlternatives(place, rest.take_front(end));
      rest = rest.drop_front(end);
    } else {
      size_t end = rest.find_first_of("})");
      addAlternatives(place, rest.slice(1, end));
      rest = rest.drop_front(end + 1);
    }
    form.places.push_back(std::move(place));
  }
  forms[mnemonic].push_back(std::move(form));
}

static Forms buildForms() {
  Forms forms;
  for (const RuleGroup &group : instructionTable())
    for (const Rule &rule : group.rules)
      addForm(forms, rule);
  return forms;
}

static const Forms &allForms() {
  static const Forms forms = buildForms();
  return forms;
}

/// Whether the modifiers from `at` on fit the places from `place` on. Optional
/// places make this a search; there are few of them.
static bool fits(llvm::ArrayRef<Place> places, llvm::ArrayRef<llvm::StringRef> modifiers) {
  if (places.empty())
    return modifiers.empty();
  if (!modifiers.empty() && llvm::is_contained(places.front().alternatives, modifiers.front()) &&
      fits(places.drop_front(), modifiers.drop_front()))
    return true;
  return places.front().isOptional && fits(places.drop_front(), modifiers);
}

Opcode poolc::vgpu::matchOpcode(llvm::StringRef text) {
  Opcode opcode;
  auto [mnemonic, rest] = text.split('.');
  auto it = allForms().find(mnemonic);
  if (it == allForms().end())
    return opcode;
  if (!rest.empty())
    rest.split(opcode.modifiers, '.');
  // Far more than any instruction has: bounds the search.
  if (opcode.modifiers.size() > 20)
    return opcode;
  for (const Form &form : it->second)
    if (fits(form.places, opcode.modifiers)) {
      opcode.rule = form.rule;
      break;
    }
  for (llvm::StringRef modifier : opcode.modifiers)
    if (std::optional<Type> type = parseType(modifier))
      opcode.types.push_back(*type);
  return opcode;
}

bool poolc::vgpu::isCovered(llvm::StringRef mnemonic) { return allForms().contains(mnemonic); }

bool Opcode::has(llvm::StringRef modifier) const { return llvm::is_contained(modifiers, modifier); }

Rounding Opcode::rounding() const {
  for (llvm::StringRef modifier : modifiers) {
    if (modifier == "rz" || modifier == "rzi")
      return Rounding::zero;
    if (modifier == "rm" || modifier == "rmi")
      return Rounding::down;
    if (modifier == "rp" || modifier == "rpi")
      return Rounding::up;
    if (modifier == "rna")
      return Rounding::away;
  }
  return Rounding::nearest;
}

void poolc::vgpu::printCoveredInstructions(llvm::raw_ostream &os) {
  os << "# PTX that the virtual GPU executes\n\n"
        "The modifiers of an instruction in PTX's order: `(.a|.b)` is one of them, `{.a|.b}` may "
        "be left\nout. What is not listed is an error that names the instruction, its line and "
        "the kernel.\n";
  for (const RuleGroup &group : instructionTable()) {
    os << "\n## " << group.title << "\n\n";
    for (const Rule &rule : group.rules)
      os << "- `" << rule.form << "`\n";
  }
}
