// Tokenizer files: the input's first line names the file, the rest is its content. What is taken tokenizes texts.
#include "encoder/tokenizer/tokenizer.hpp"
#include "fuzz/fuzz_target.hpp"

namespace persona4rec {
namespace {

constexpr std::string_view kVocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nwarm\n##th\nharp\n";

void tokenize(const std::filesystem::path& folder) {
  const auto tokenizer = open_tokenizer(folder, false);
  for (const char* text : {"Warmth of the harp, \xE6\x9D\xB1\xE4\xBA\xAC caf\xC3\xA9 [MASK] e\xCC\x81!", "", " \t\n"}) {
    const auto tokens = tokenizer->tokenize(text, 16);
    if (tokens.ids.empty() || tokens.ids.size() > 16) __builtin_trap();
    for (const auto id : tokens.ids) {
      if (id < 0 || static_cast<std::size_t>(id) >= tokenizer->id_count()) __builtin_trap();
    }
  }
}

}  // namespace

FUZZ_TARGET(tokenizer_files) {
  static constexpr std::string_view kFiles[] = {"tokenizer.json", "vocab.txt", "tokenizer_config.json",
                                                "special_tokens_map.json", "sentencepiece.bpe.model"};
  const auto name = fuzz::take_line(input);
  for (const auto file : kFiles) {
    if (file != name) continue;
    const fuzz::ScratchFolder scratch;
    if (name != "sentencepiece.bpe.model") scratch.write("vocab.txt", kVocabulary);
    scratch.write(file, input);
    tokenize(scratch.path());
  }
}

}  // namespace persona4rec
