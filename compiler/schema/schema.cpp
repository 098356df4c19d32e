#include "compiler/schema/schema.hpp"

#include "compiler/schema/builder.hpp"

namespace wf::schema {

std::uint32_t Schema::find(ResourceKind kind, const std::string& name) const {
  const auto& all = indices[static_cast<std::size_t>(kind)];
  const auto found = all.find(name);
  return found == all.end() ? kNone : found->second;
}

std::vector<std::string> Schema::property_names(std::uint32_t object) const {
  std::vector<std::string> all;
  for (const bytecode::Property& property : catalogue.objects[object].properties) {
    if (!property.hidden) all.push_back(property.name);
  }
  return all;
}

std::vector<std::string> Schema::object_names() const {
  std::vector<std::string> all;
  for (const bytecode::Object& object : catalogue.objects) all.push_back(object.name);
  return all;
}

std::string Schema::describe_property(std::uint32_t object, std::uint32_t index) const {
  return "`" + catalogue.objects[object].properties[index].name + "` is " + property(object, index).type_text;
}

Schema Builder::build() {
  declare_objects();
  declare_names();
  declare_properties();
  declare_inverses();
  declare_events();
  read_resources();
  read_campaigns();
  declare_actions();
  return std::move(schema_);
}

Schema build(const std::vector<ast::File>& files, const text::SourceSet& sources,
             text::DiagnosticSink& diagnostics) {
  return Builder(files, sources, diagnostics).build();
}

}  // namespace wf::schema
