#Requires -Version 5.1
<#
.SYNOPSIS
Starts the project's MCP servers: `mcp-supervisor up`.

.DESCRIPTION
Run it in the folder of ecosystem.config.ts. What is given here beats the options of sentry({ ... }) in the
config until the next `up`.

.PARAMETER SentryAddScopes
Scopes on top of the read ones, with commas between them; "" for none.

.PARAMETER SentryOrganizationSlug
Restricts the Sentry server to one organization. Empty: what the config says.

.PARAMETER SentryProjectSlug
Restricts the Sentry server to one project. Empty: what the config says.

.EXAMPLE
./scripts/start-mcp-servers.ps1 -SentryAddScopes ""
Read-only.

.EXAMPLE
./scripts/start-mcp-servers.ps1 -SentryOrganizationSlug acme --foreground
Arguments of `mcp-supervisor up` are passed on.
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [string] $SentryAddScopes = 'event:write,project:write',
    [string] $SentryOrganizationSlug = '',
    [string] $SentryProjectSlug = '',
    # Servers, or options of `mcp-supervisor up` such as --config FILE.
    [Parameter(ValueFromRemainingArguments = $true)]
    [string[]] $Arguments = @()
)

node "$PSScriptRoot/../dist/bin/mcp-supervisor.js" up "--sentry-add-scopes=$SentryAddScopes" "--sentry-organization-slug=$SentryOrganizationSlug" "--sentry-project-slug=$SentryProjectSlug" @Arguments
exit $LASTEXITCODE
