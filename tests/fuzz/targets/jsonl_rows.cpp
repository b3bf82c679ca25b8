// JSON Lines of every row type: the input's first character says which, the rest is the file.
#include "fuzz/fuzz_target.hpp"
#include "io/jsonl_reader.hpp"

namespace persona4rec {
namespace {

// Reads all rows and writes them again, as a stage that copies them does.
template <class Row>
void read_all(const std::filesystem::path& file) {
  JsonlReader reader(file, {.max_bad_rows = 1'000'000});
  for (Row row; reader.next(row); row = Row{}) {
    if constexpr (requires { to_json(row); })
      fuzz::use(to_json(row).dump());
    else
      fuzz::use(row);  // a row that is written piece by piece
  }
  fuzz::use(reader.sha256());
}

constexpr void (*kReaders[])(const std::filesystem::path&) = {
    read_all<AspectRow>,    read_all<SummaryRow>,         read_all<GroupedRow>,  read_all<PersonaRow>,
    read_all<HistoryRow>,   read_all<GroundTruthRow>,     read_all<TargetRow>,   read_all<PersonaWithSummaryRow>,
    read_all<CandidateRow>, read_all<SelectedPersonaRow>, read_all<RerankedRow>,
};

}  // namespace

FUZZ_TARGET(jsonl_rows) {
  static const fuzz::ScratchFolder scratch;
  if (input.empty()) return;
  const auto kind = static_cast<unsigned char>(input.front()) % std::size(kReaders);
  kReaders[kind](scratch.write("rows.jsonl", input.substr(1)));
}

}  // namespace persona4rec
