#include <CLI/CLI.hpp>

#include "cli/command_table.hpp"
#include "cli/console.hpp"
#include "cli/flags/dataset.hpp"
#include "cli/flags/values.hpp"
#include "workspace/show.hpp"
#include "workspace/show_text.hpp"

namespace persona4rec {
namespace {

enum class Kind : std::uint8_t { kItem, kUser };

class ShowCommand final : public Command {
 public:
  ShowCommand()
      : Command({.name = "show",
                 .summary = "Show all that a workspace knows about one item or one user, with titles.",
                 .reads = "1_, 2_, 3_, 3.5_*, 4_, reranked.jsonl, as far as they are there",
                 .writes = "text on stdout",
                 .needs = "-",
                 .example = "persona4rec show item g05 --workspace build/workspace/tiny"}) {}

  void add_flags(CLI::App& app) override {
    add_choice<Kind>(app, "kind", kind_, {{"item", Kind::kItem}, {"user", Kind::kUser}}, "What the id is of")
        ->required()
        ->group("What");
    app.add_option("id", id_, "As the artifacts have it")->type_name("ID")->required()->group("What");
    add_number(app, "--most", options_.most, {}, "Reviews, matches and places shown; 0 = all")->group("Output");
    app.add_flag("--as-json", json_, "Print JSON instead of text")->group("Output");
  }

  void run(const CommandContext& context) override {
    options_.workspace = context.workspace.root;
    if (context.config.review) options_.time = time_format(context);
    const Json shown = kind_ == Kind::kItem ? show_item(options_, ItemId(id_)) : show_user(options_, UserId(id_));
    print_result(json_ ? shown.dump(2) + "\n" : show_text(shown));
  }

 private:
  ShowOptions options_;
  Kind kind_ = Kind::kItem;
  std::string id_;
  bool json_ = false;
};

}  // namespace

std::unique_ptr<Command> make_show_command() {
  return std::make_unique<ShowCommand>();
}

}  // namespace persona4rec
