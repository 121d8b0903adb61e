import { PanelPlugin, type PanelProps, renderTextPanelMarkdown, textUtil } from '@grafana/data';
import { ScrollContainer } from '@grafana/ui';

interface TextOptions {
  mode: 'markdown' | 'html' | 'code';
  content: string;
}

function TextPanel({ options, replaceVariables }: PanelProps<TextOptions>) {
  const content = replaceVariables(options.content ?? '', {}, options.mode === 'code' ? undefined : 'html');
  if (options.mode === 'code') {
    return (
      <ScrollContainer>
        <pre>{content}</pre>
      </ScrollContainer>
    );
  }
  const html = options.mode === 'html' ? textUtil.sanitizeTextPanelContent(content) : renderTextPanelMarkdown(content);
  return (
    <ScrollContainer>
      <div className="markdown-html" dangerouslySetInnerHTML={{ __html: html }} />
    </ScrollContainer>
  );
}

export function textPanel(): PanelPlugin {
  return new PanelPlugin<TextOptions>(TextPanel).setPanelOptions((builder) => {
    builder.addCustomEditor({
      id: 'mode',
      path: 'mode',
      name: 'Mode',
      defaultValue: 'markdown' as never,
      editor: () => null,
    });
    builder.addCustomEditor({
      id: 'content',
      path: 'content',
      name: 'Content',
      defaultValue: '' as never,
      editor: () => null,
    });
  }) as unknown as PanelPlugin;
}
