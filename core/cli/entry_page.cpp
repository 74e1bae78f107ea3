#include "cli/entry_page.h"

#include <algorithm>
#include <cctype>
#include <regex>
#include <utility>

#include "cli/print.h"

namespace calotype::cli {
namespace {

/// An entry, and what other programs have under its name.
struct Family {
  const EntryInfo* base;
  std::vector<const EntryInfo*> variants;
};

using Groups = std::vector<std::pair<std::string, std::vector<Family>>>;

/// A plugin's text can neither end its cell of a table nor begin a tag.
std::string escaped(const std::string& text) {
  std::string out;
  for (const char c : one_line_text(text)) {
    if (c == '<')
      out += "&lt;";
    else
      out += c == '|' ? "\\|" : std::string(1, c);
  }
  return out;
}

std::string code(const std::string& name) {
  return "`" + escaped(name) + "`";
}

/// "`a`, `b`"
std::string codes(std::vector<std::string> names) {
  for (auto& name : names) name = code(name);
  return joined(names);
}

/// Of "beta@a1111" the entry `beta`, where there is one.
const EntryInfo* base_of(const Catalog& catalog, const EntryInfo& e) {
  const size_t at = e.id.find('@');
  if (at == e.id.npos) return nullptr;
  const auto found = catalog.find(e.kind, e.id.substr(0, at));
  return found.size() == 1 && found[0]->id.find('@') == e.id.npos ? found[0] : nullptr;
}

std::vector<Family> families_of(const Catalog& catalog, Kind kind) {
  std::vector<Family> out;
  for (const EntryInfo* e : catalog.of(kind))
    if (!base_of(catalog, *e)) out.push_back({e, {}});
  for (const EntryInfo* e : catalog.of(kind))
    if (const EntryInfo* base = base_of(catalog, *e))
      std::find_if(out.begin(), out.end(), [&](const Family& f) { return f.base == base; })->variants.push_back(e);
  std::stable_sort(out.begin(), out.end(),
                   [](const Family& a, const Family& b) { return a.base->recommended > b.base->recommended; });
  return out;
}

/// 0: with a recommended entry; 1; 2: without a name
int rank(const Groups::value_type& group) {
  return group.first.empty() ? 2 : group.second[0].base->recommended ? 0 : 1;
}

/// Those with the same text together: those with a recommended one first, those without text last.
Groups grouped(const std::vector<Family>& families, std::string EntryInfo::* text) {
  Groups out;
  for (const Family& f : families) {
    auto group = std::find_if(out.begin(), out.end(), [&](const auto& g) { return g.first == f.base->*text; });
    if (group == out.end()) group = out.insert(out.end(), {f.base->*text, {}});
    group->second.push_back(f);
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return rank(a) < rank(b); });
  return out;
}

/// "20 to 35 steps"
std::string steps_text(const EntryInfo& e) {
  if (!e.steps_high) return "";
  const std::string low = std::to_string(e.steps_low), high = std::to_string(e.steps_high);
  return (low == high ? low : low + " to " + high) + (high == "1" ? " step" : " steps");
}

/// The texts that are not empty, with `between`.
std::string put_together(const std::vector<std::string>& texts, const std::string& between = " · ") {
  std::string out;
  for (const auto& text : texts)
    if (!text.empty()) out += (out.empty() ? "" : between) + text;
  return out;
}

/// A link to the section of an entry of that name; the name alone where this catalogue has none.
std::string link_to(const Catalog& catalog, Kind kind, const std::string& name, bool from_other_page) {
  const auto found = catalog.find(kind, name);
  if (found.size() != 1) return code(name);
  const EntryInfo* base = base_of(catalog, *found[0]);
  const std::string page = from_other_page ? std::string(name_of(kind)) + "s.md" : "";
  return "[" + code(name) + "](" + page + "#" + (base ? base : found[0])->id + ")";
}

/// Of "CFG++ samplers" what GitHub makes the end of a link of: "cfg-samplers".
std::string anchor(const std::string& heading) {
  std::string out;
  for (const char c : heading)
    if (std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-')
      out += char(std::tolower(static_cast<unsigned char>(c)));
    else if (c == ' ')
      out += '-';
  return out;
}

/// "DPM schedulers"
std::string heading_of(const std::string& category, Kind kind) {
  return (category.empty() ? "Other" : escaped(category)) + " " + std::string(name_of(kind)) + "s";
}

/// What to take for what, category by category.
std::string chooser(const Catalog& catalog, Kind kind, const Groups& categories) {
  std::string out = "| | for | take |\n| --- | --- | --- |\n";
  for (const auto& [category, families] : categories) {
    const std::string heading = heading_of(category, kind);
    std::string first = "[" + heading.substr(0, heading.rfind(' ')) + "](#" + anchor(heading) + ")";
    for (const auto& [text, group] : grouped(families, &EntryInfo::best_for)) {
      std::vector<std::string> names;
      for (const auto& [e, variants] : group) {
        const std::string name = link_to(catalog, kind, e->id, false);
        const std::string cost =
            put_together({steps_text(*e), e->calls_a_step > 1 ? to_text(e->calls_a_step) + " calls each" : ""}, ", ");
        names.push_back((e->recommended ? "**" + name + "**" : name) + (cost.empty() ? "" : " (" + cost + ")"));
      }
      out += "| " + std::exchange(first, "") + " | " + (text.empty() ? "*not declared*" : escaped(text)) + " | " +
             joined(names) + " |\n";
    }
  }
  return out;
}

/// With the numbers of arXiv as links.
std::string linked(const std::string& citation) {
  static const std::regex number("arXiv:([0-9]{4}\\.[0-9]{4,5})");
  return std::regex_replace(escaped(citation), number, "[$&](https://arxiv.org/abs/$1)");
}

std::string facts(const Catalog& catalog, const EntryInfo& e) {
  const bool is_sampler = e.kind == Kind::sampler;
  const Kind other = is_sampler ? Kind::scheduler : Kind::sampler;
  const std::string calls = e.calls_a_step > 0 ? calls_text(e) : e.has_own_steps ? "as many as it takes" : "";
  return put_together(
      {e.best_for.empty() ? "" : "for **" + escaped(e.best_for) + "**", steps_text(e),
       calls.empty() ? "" : "model evaluations: " + calls, e.order > 0 ? "order " + to_text(e.order) : "",
       e.has_own_steps ? "chooses its own steps" : "",
       e.guidance_high > 0 ? "`guidance_scale` " + to_text(e.guidance_low) + " to " + to_text(e.guidance_high) : "",
       e.noise.empty() ? "" : "noise: " + escaped(e.noise),
       e.needs_unconditional ? "needs the unconditional prediction" : "", e.is_for_flow ? "flow models alone" : "",
       e.pairs_with.empty()
           ? ""
           : "usual " + std::string(name_of(other)) + " " + link_to(catalog, other, e.pairs_with, true),
       e.origin.empty() ? "" : "as in " + escaped(e.origin)});
}

std::string section(const Catalog& catalog, const Family& family) {
  const EntryInfo& e = *family.base;
  const std::string names =
      put_together({e.label.empty() ? "" : "**" + escaped(e.label) + "**", e.recommended ? "recommended" : "",
                    e.aliases.empty() ? "" : "also " + codes(e.aliases)});
  std::vector<std::string> settings, variants;
  for (const auto& s : e.settings) settings.push_back(s.name);
  const std::string source =
      put_together({linked(e.citation), settings.empty() ? "" : "[settings](settings.md): " + codes(settings)});
  for (const EntryInfo* v : family.variants)
    variants.push_back("- " + code(v->id) + (v->aliases.empty() ? "" : ", also " + codes(v->aliases)) + ": " +
                       escaped(v->summary));
  return put_together(
             {"### " + code(e.id), names, escaped(e.summary), facts(catalog, e), source, put_together(variants, "\n")},
             "\n\n") +
         "\n";
}

/// The image of those that run with nothing but their names, which are its text.
std::string image(const std::string& heading, const std::vector<Family>& families) {
  std::vector<std::string> names;
  for (const auto& [e, variants] : families)
    if (!e->is_by_hand && !e->is_for_flow) names.push_back(escaped(e->id));
  return names.empty() ? "" : "\n![" + joined(names) + "](images/" + anchor(heading) + ".png)\n";
}

}  // namespace

std::string page_of(const Catalog& catalog, Kind kind) {
  auto families = families_of(catalog, kind);
  std::stable_sort(families.begin(), families.end(),
                   [](const Family& a, const Family& b) { return a.base->category < b.base->category; });
  const Groups categories = grouped(families, &EntryInfo::category);
  std::string out = "## Which one\n\n" + chooser(catalog, kind, categories);
  for (const auto& [category, group] : categories) {
    const std::string heading = heading_of(category, kind);
    out += "\n## " + heading + "\n" + image(heading, group);
    for (const Family& family : group) out += "\n" + section(catalog, family);
  }
  return out;
}

}  // namespace calotype::cli
