import { type DataLink, locationUtil } from '@grafana/data';
import { type VizPanel, sceneGraph } from '@grafana/scenes';
import { Dropdown, Menu, ToolbarButton } from '@grafana/ui';

/** A panel's links behind one button in its title, filled in when the menu opens. */
export function PanelLinks({ panel, links }: { panel: VizPanel; links: DataLink[] }) {
  const fill = (text: string) =>
    sceneGraph.interpolate(panel, text, panel.state.$data?.state.data?.request?.scopedVars);
  const menu = () => (
    <Menu>
      {links.map(({ title, url, targetBlank }) => (
        <Menu.Item
          key={`${title}${url}`}
          label={fill(title)}
          url={locationUtil.assureBaseUrl(fill(url))}
          target={targetBlank ? '_blank' : '_self'}
          icon="link"
        />
      ))}
    </Menu>
  );
  return (
    <Dropdown overlay={menu}>
      <ToolbarButton icon="external-link-alt" iconSize="md" aria-label="Panel links" />
    </Dropdown>
  );
}
