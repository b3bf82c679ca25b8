#include "encoder/tokenizer/tokenizer.hpp"

#include "base/hash.hpp"
#include "encoder/model_folder/model_json.hpp"
#include "encoder/tokenizer/unigram_files.hpp"
#include "encoder/tokenizer/wordpiece_files.hpp"
#include "persona4rec/error.hpp"

namespace persona4rec {
namespace {

namespace fs = std::filesystem;

std::unique_ptr<Tokenizer> make_wordpiece(WordPieceSpec spec, bool lower_case) {
  if (lower_case) spec.normalizer.lowercase = true;
  return std::make_unique<WordPiece>(std::move(spec));
}

std::unique_ptr<Tokenizer> make_unigram(const fs::path& file, UnigramSpec spec, bool lower_case) {
  if (lower_case) {
    throw input_error({.file = file.string()},
                      "sentence_bert_config.json asks for lower case (do_lower_case), which is "
                      "supported for WordPiece alone");
  }
  return std::make_unique<Unigram>(std::move(spec), sha256_file(file));
}

}  // namespace

std::unique_ptr<Tokenizer> open_tokenizer(const fs::path& folder, bool lower_case) {
  if (const fs::path path = folder / "tokenizer.json"; fs::exists(path)) {
    const ModelJson tokenizer(path);
    const std::string type = tokenizer.object("model").text("type");
    if (type == "WordPiece") return make_wordpiece(read_wordpiece_json(folder, tokenizer), lower_case);
    if (type == "Unigram") return make_unigram(path, read_unigram_json(folder, tokenizer), lower_case);
    tokenizer.fail("model.type", "expected WordPiece or Unigram, got " + type);
  }
  if (fs::exists(folder / "vocab.txt")) return make_wordpiece(read_wordpiece_vocabulary(folder), lower_case);
  if (const fs::path path = folder / "sentencepiece.bpe.model"; fs::exists(path)) {
    return make_unigram(path, read_unigram_model(folder), lower_case);
  }
  throw input_error({.file = folder.string()},
                    "no tokenizer: expected tokenizer.json, vocab.txt or sentencepiece.bpe.model");
}

}  // namespace persona4rec
