#!/bin/sh
# Packs the extension for VS Code, without the network:   sh editors/vscode/pack.sh OUT.vsix
# With node_modules (npm install in this folder), the package holds the language client; without, it highlights only.
set -eu
[ $# = 1 ] || { sed -n '2p' "$0" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
out=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
command -v zip >/dev/null || { echo "pack.sh needs zip; install zip" >&2; exit 1; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
field() { sed -n "s/^  \"$1\": \"\(.*\)\",\$/\1/p" "$here/package.json"; }
mkdir "$scratch/extension"
cp -R "$here/package.json" "$here/language-configuration.json" "$here/extension.js" "$here/syntaxes" "$here/snippets" \
    "$scratch/extension"
cp "$here/../../LICENSE" "$scratch/extension/LICENSE.txt"
[ ! -d "$here/node_modules" ] || cp -R "$here/node_modules" "$scratch/extension"
cat >"$scratch/[Content_Types].xml" <<'END'
<?xml version="1.0" encoding="utf-8"?>
<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension=".json" ContentType="application/json"/><Default Extension=".js" ContentType="application/javascript"/><Default Extension=".txt" ContentType="text/plain"/><Default Extension=".vsixmanifest" ContentType="text/xml"/></Types>
END
cat >"$scratch/extension.vsixmanifest" <<END
<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id="$(field name)" Version="$(field version)" Publisher="$(field publisher)"/>
    <DisplayName>$(field displayName)</DisplayName>
    <Description xml:space="preserve">$(field description)</Description>
    <Categories>Programming Languages,Snippets</Categories>
    <License>extension/LICENSE.txt</License>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value="$(sed -n 's/.*"vscode": "\([^"]*\)".*/\1/p' "$here/package.json" | head -n 1)"/>
    </Properties>
  </Metadata>
  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
  <Dependencies/>
  <Assets>
    <Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/>
    <Asset Type="Microsoft.VisualStudio.Services.Content.License" Path="extension/LICENSE.txt" Addressable="true"/>
  </Assets>
</PackageManifest>
END
rm -f "$out"
(cd "$scratch" && zip -q -X -r "$out" '[Content_Types].xml' extension.vsixmanifest extension)
echo "wrote $1"
