#include "io/rows/raw_rows.hpp"

#include <utility>

#include "io/rows/json_elements.hpp"

namespace persona4rec {
namespace {

// Decides when the first row is asked for: opening an input must not wait for its writer.
class RawRows final : public RowSource {
 public:
  RawRows(LineSource source, DelimitedOptions options)
      : source_(std::move(source)), options_(std::move(options)), name_(source_.name()) {}

  bool read() override {
    if (!rows_) decide();
    return rows_->read();
  }
  [[nodiscard]] std::string& text() override { return rows_->text(); }
  [[nodiscard]] std::uint64_t line() const override { return rows_->line(); }
  [[nodiscard]] bool has_buffered_row() const override { return rows_ && rows_->has_buffered_row(); }
  [[nodiscard]] std::string sha256() override { return rows_->sha256(); }
  [[nodiscard]] const std::string& name() const override { return name_; }

 private:
  void decide() {
    const auto first = source_.peek();
    if (!first || *first == '{') {
      rows_ = std::make_unique<LineRows>(std::move(source_));
    } else if (*first == '[') {
      rows_ = std::make_unique<ElementRows>(std::move(source_));
    } else {
      rows_ = std::make_unique<DelimitedRows>(std::move(source_), std::move(options_));
    }
  }

  LineSource source_;
  DelimitedOptions options_;
  std::string name_;
  std::unique_ptr<RowSource> rows_;
};

}  // namespace

std::unique_ptr<RowSource> open_raw_rows(LineSource source, DelimitedOptions options) {
  return std::make_unique<RawRows>(std::move(source), std::move(options));
}

}  // namespace persona4rec
